//! Nothing is left behind, however a process with a control plane ends.
//!
//! The process is this test program itself, run again with `ENDING` saying what it shall do.
#![forbid(unsafe_code)]

mod support;

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
};

use rustix::process::{Pid, Signal, getpgid, kill_process};
use steersman_control_plane::{ControlPlane, Error, Part};
use support::eventually;

/// A process with a control plane: what it said about it.
struct Helper {
    process: Child,
    /// Kept open, so that it may go on to print.
    _output: BufReader<ChildStdout>,
    group: String,
    folder: PathBuf,
}

impl Helper {
    fn spawn(ending: &str, variables: &[(&str, &Path)]) -> Child {
        let mut command = Command::new(env::current_exe().expect("a test has a path"));
        command
            .args(["--exact", "helper", "--nocapture"])
            .env("ENDING", ending)
            .env("RUST_BACKTRACE", "0")
            .envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a test can run itself")
    }

    /// Waits until its control plane has started.
    fn start(ending: &str, variables: &[(&str, &Path)]) -> Self {
        let mut process = Self::spawn(ending, variables);
        let mut output = BufReader::new(process.stdout.take().expect("it is a pipe"));
        let mut lines = output.by_ref().lines().map(|line| line.expect("it prints text"));
        let ready = lines.find_map(|line| Some(line.split_once("READY ")?.1.to_owned()));
        let ready = ready.expect("the helper says when it is ready");
        let (group, folder) = ready.split_once(' ').expect("two words");
        Self { process, _output: output, group: group.to_owned(), folder: folder.into() }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("it runs");
    }

    async fn leaves_nothing_behind(mut self) {
        self.process.wait().expect("it is ours");
        eventually("no process is left", async || !is_alive(&self.group)).await;
        eventually("the folder is gone", async || !self.folder.exists()).await;
    }
}

/// A line of `ps`.
struct Process {
    parent: String,
    group: String,
    command: String,
}

/// All processes, but the dead ones that nobody has taken note of.
fn processes() -> Vec<Process> {
    let output = Command::new("ps").args(["-A", "-ww", "-o", "ppid=,pgid=,stat=,args="]).output().expect("there is ps");
    let text = String::from_utf8_lossy(&output.stdout);
    let parse = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let [parent, group, state] = [(); 3].map(|()| words.next().unwrap_or_default());
        let command = words.collect::<Vec<_>>().join(" ");
        (!state.starts_with('Z')).then_some(Process { parent, group, command })
    };
    text.lines().filter_map(parse).collect()
}

fn is_alive(group: &str) -> bool {
    processes().iter().any(|process| process.group == group)
}

/// Not a test, but the process that the tests end.
#[tokio::test]
async fn helper() -> Result<(), Error> {
    let Ok(ending) = env::var("ENDING") else { return Ok(()) };
    let ready = |cluster: &ControlPlane| {
        let pid = Pid::from_raw(cluster.pid(Part::ApiServer).expect("it runs").cast_signed());
        let group = getpgid(pid).expect("a process has a group");
        println!("READY {} {}", group.as_raw_nonzero(), cluster.folder().display());
    };
    let builder = ControlPlane::builder().api_server_only();
    match ending.as_str() {
        "exit" => ready(ControlPlane::shared().await?),
        "build" => {
            let go = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/go/hanging/go");
            builder.go(go).start().await?;
        }
        "assets" => {
            let cluster = builder.go("no-go-is-needed").start().await?;
            cluster.client().apiserver_version().await.expect("it answers");
            ready(&cluster);
        }
        _ => {
            let cluster = builder.start().await?;
            cluster.pause(Part::Etcd)?;
            ready(&cluster);
            assert_ne!(ending, "panic");
            loop {
                thread::park();
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn by_sigkill() {
    let helper = Helper::start("wait", &[]);
    assert!(is_alive(&helper.group));
    helper.signal(Signal::KILL);
    helper.leaves_nothing_behind().await;
}

#[tokio::test]
async fn by_ctrl_c() {
    let helper = Helper::start("wait", &[]);
    helper.signal(Signal::INT);
    helper.leaves_nothing_behind().await;
}

#[tokio::test]
async fn by_a_panic() {
    Helper::start("panic", &[]).leaves_nothing_behind().await;
}

#[tokio::test]
async fn by_the_end_of_the_program_that_shares_it() {
    Helper::start("exit", &[]).leaves_nothing_behind().await;
}

#[tokio::test]
async fn by_being_dropped_with_a_paused_part() -> Result<(), Error> {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let (folder, pid) = (cluster.folder().to_owned(), cluster.pid(Part::Etcd).expect("it runs"));
    cluster.pause(Part::Etcd)?;
    drop(cluster);
    assert!(!folder.exists());
    assert_eq!(
        rustix::process::test_kill_process(Pid::from_raw(pid.cast_signed()).expect("no zero")),
        Err(rustix::io::Errno::SRCH)
    );
    Ok(())
}

#[tokio::test]
async fn while_go_builds() {
    let mut helper = Helper::spawn("build", &[]);
    let pid = helper.id().to_string();
    let mut group = None;
    eventually("the build has begun", async || {
        let is_go = |process: &Process| process.parent == pid && process.command.contains("hanging/go build");
        group = processes().into_iter().find(is_go).map(|process| process.group);
        group.is_some()
    })
    .await;
    let group = group.expect("it has begun");
    helper.kill().expect("it runs");
    helper.wait().expect("it is ours");
    eventually("the build has ended", async || !is_alive(&group)).await;
}

/// The folder's programs are symbolic links to ours, and no Go is there to build it.
#[tokio::test]
async fn programs_of_kubebuilder_assets_need_no_go() -> Result<(), Box<dyn std::error::Error>> {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let pid = cluster.pid(Part::Etcd).expect("it runs").to_string();
    let arguments = Command::new("ps").args(["-o", "args=", "-p", &pid]).output()?.stdout;
    let arguments = String::from_utf8(arguments)?;
    let (program, _) = arguments.split_once(" etcd --").expect("it was started so");
    let assets = tempfile::tempdir()?;
    for part in [Part::Etcd, Part::ApiServer] {
        symlink(program, assets.path().join(part.to_string()))?;
    }
    assert!(fs::metadata(assets.path().join("etcd"))?.is_file());
    Helper::start("assets", &[("KUBEBUILDER_ASSETS", assets.path())]).leaves_nothing_behind().await;
    Ok(())
}
