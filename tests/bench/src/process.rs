//! A candidate's process: its counters, and what it takes of the machine.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::BoxError;

/// How long a process has to end by itself after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(30);
/// The ports for metrics lie below those that the system gives to outgoing connections.
const PORTS: std::ops::Range<u16> = 12_000..20_000;

/// What is to be started: from [`Program::start`](crate::candidate::Program::start).
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) command: Command,
    pub(crate) user_agent: String,
    pub(crate) kubeconfig: &'a Path,
    /// Where its log and counter go.
    pub(crate) folder: &'a Path,
    pub(crate) counting: Counting,
    pub(crate) is_wide: bool,
}

/// How a program says how often it has reconciled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    /// In the file `BENCH_COUNTER`.
    File,
    /// By `steersman_runs_total` of its metrics.
    Metrics,
}

#[derive(Debug)]
enum Counter {
    File(PathBuf),
    Metrics(u16),
}

/// A running candidate. It is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pid: Pid,
    user_agent: String,
    log: PathBuf,
    counter: Counter,
}

/// What a process has taken so far, by `/proc`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    /// Resident now.
    pub(crate) rss_bytes: f64,
    /// Resident at most since the start (`VmHWM`).
    pub(crate) peak_rss_bytes: f64,
}

impl Process {
    /// Starts it. Its counter begins at zero.
    pub(crate) fn start(start: Start<'_>) -> Result<Self, BoxError> {
        let Start { mut command, user_agent, kubeconfig, folder, counting, is_wide } = start;
        let log = folder.join(format!("{user_agent}.log").replace('/', "-"));
        let output = File::options().create(true).append(true).open(&log)?;
        let counter = match counting {
            Counting::File => {
                let file = folder.join("counter");
                if file.exists() {
                    std::fs::remove_file(&file)?;
                }
                command.env("BENCH_COUNTER", &file);
                Counter::File(file)
            }
            Counting::Metrics => {
                let port = free_port().ok_or("there is no free port for metrics")?;
                command.arg("--listen").arg(format!("127.0.0.1:{port}"));
                Counter::Metrics(port)
            }
        };
        command.env("KUBECONFIG", kubeconfig).env("BENCH_USER_AGENT", &user_agent);
        if is_wide {
            command.env("BENCH_WIDE", "1");
        }
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let child = command.spawn().map_err(|error| format!("{:?}: {error}", command.as_std().get_program()))?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { pid: pid.ok_or("a process has no id")?, child, user_agent, log, counter })
    }

    /// The beginning of the user agent by which the audit log knows it.
    pub(crate) fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// How often it has reconciled since it was started; 0 before it has said anything.
    ///
    /// # Errors
    /// If it has ended.
    pub(crate) async fn runs(&mut self) -> Result<u64, BoxError> {
        self.alive()?;
        match &self.counter {
            Counter::File(file) => {
                let text = std::fs::read_to_string(file).unwrap_or_default();
                Ok(text.trim().parse().unwrap_or_default())
            }
            // Before it listens, it has not run.
            Counter::Metrics(port) => Ok(get_metrics(*port).await.map(|text| runs_in(&text)).unwrap_or_default()),
        }
    }

    /// What it has taken so far.
    ///
    /// # Errors
    /// If it has ended.
    pub(crate) fn usage(&mut self) -> Result<Usage, BoxError> {
        self.alive()?;
        let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", self.pid.as_raw_nonzero()));
        let (stat, status) = (of("stat")?, of("status")?);
        // The fields behind the name, which may itself have brackets and spaces: user and system time are the 14th and 15th of all.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |i: usize| fields.get(i).and_then(|field| field.parse::<f64>().ok()).ok_or("/proc/../stat is odd");
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
            kilobytes.map(|kilobytes| kilobytes * 1024.0).ok_or("/proc/../status is odd")
        };
        Ok(Usage {
            cpu_seconds: (ticks(11)? + ticks(12)?) / rustix::param::clock_ticks_per_second() as f64,
            rss_bytes: bytes("VmRSS")?,
            peak_rss_bytes: bytes("VmHWM")?,
        })
    }

    /// Lets it hang (SIGSTOP): its connections stay open.
    pub(crate) fn pause(&self) -> Result<(), BoxError> {
        Ok(kill_process(self.pid, Signal::STOP)?)
    }

    /// Lets it go on (SIGCONT).
    pub(crate) fn resume(&self) -> Result<(), BoxError> {
        Ok(kill_process(self.pid, Signal::CONT)?)
    }

    /// Asks it to end (SIGTERM) and waits until it has; one that does not end within 30 s is killed.
    ///
    /// # Errors
    /// If it had to be killed, or had ended before.
    pub(crate) async fn stop(&mut self) -> Result<(), BoxError> {
        self.alive()?;
        kill_process(self.pid, Signal::TERM)?;
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await?;
            return Err(format!("{} did not end within {PATIENCE:?} after SIGTERM", self.user_agent).into());
        }
        Ok(())
    }

    /// The end of what it printed.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    fn alive(&mut self) -> Result<(), BoxError> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("{} has ended with {status}: {}", self.user_agent, self.last_words()).into()),
        }
    }
}

/// The text that a program offers at `/metrics`.
async fn get_metrics(port: u16) -> std::io::Result<String> {
    let get = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    };
    tokio::time::timeout(Duration::from_secs(5), get).await?
}

/// The sum of `steersman_runs_total`. A line that a chunk of the answer cuts in two would be lost, so whole numbers are looked for
/// by lines alone, and the server sends its metrics in one piece.
fn runs_in(text: &str) -> u64 {
    let lines = text.lines().filter(|line| line.starts_with("steersman_runs_total{"));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

fn free_port() -> Option<u16> {
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| fastrand::u16(PORTS)).take(1000).find(free)
}

#[cfg(test)]
mod tests {
    use super::runs_in;

    #[test]
    fn all_results_of_runs_are_added() {
        let text = "# TYPE steersman_runs counter\n\
            steersman_runs_total{operator=\"WebApp\",task=\"reconcile\",result=\"success\"} 7\n\
            steersman_runs_total{operator=\"WebApp\",task=\"handlers\",result=\"error\"} 2\n\
            steersman_runs_active{operator=\"WebApp\"} 5\n";
        assert_eq!(runs_in(text), 9);
    }
}
