//! `cargo bench-peers`: steersman's flagship beside the same operator in other frameworks, on one real API server.
#![forbid(unsafe_code)]

mod candidate;
mod check;
mod cluster;
mod expected;
mod goals;
mod lines;
mod measurement;
mod process;
mod progress;
mod record;
mod report;
mod scale;
mod scenario;
mod stage;
mod thesis;
mod times;
mod versions;
mod wait;
mod watched;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use candidate::{Candidate, NotBuilt, Program};
use cluster::Cluster;
use measurement::scenario as name;
use measurement::{RemarkKind, Results};
use progress::say;
use record::{About, Record};
use scenario::Selection;
use stage::Plan;

/// What may go wrong here is only ever shown.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Measures steersman beside its peers.
#[derive(Debug, clap::Parser)]
#[command(name = "bench-peers", args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// One repetition with 20 WebApps, in at most 10 minutes
    #[arg(long)]
    quick: bool,
    /// Only the counts of steersman and plain kube-rs with 20 WebApps; fails if one of steersman is worse than its goal
    #[arg(long, conflicts_with = "quick")]
    check: bool,
    /// Which candidates [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    candidates: Vec<Candidate>,
    /// Which scenarios [default: all]; creation is always there
    #[arg(long, value_delimiter = ',')]
    scenarios: Vec<String>,
    /// How often [default: 3, or 1 with --quick or --check]
    #[arg(long)]
    repetitions: Option<u32>,
    /// Where the results go
    #[arg(long, value_name = "DIR", default_value = "target/bench-peers")]
    out: PathBuf,
}

/// What else it does.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Shows the lines of user code of each candidate, and what is counted
    Lines,
    /// Writes tables and plots anew from earlier results, into the folder where these are
    Report {
        /// The results
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Also puts the tables into their places in this file
        #[arg(long, value_name = "FILE")]
        readme: Option<PathBuf>,
    },
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench-peers: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<ExitCode, BoxError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match &args.command {
        Some(Command::Lines) => {
            print!("{}", lines::table(&lines::user_code(&root)?));
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Report { from, readme }) => {
            return report(&Record::read(from)?, from.parent().unwrap_or(Path::new(".")), readme.as_deref());
        }
        None => {}
    }
    let plan = args.plan();
    let mut results = Results { web_apps: plan.count, ..Results::default() };
    let programs = build(&args, &mut results).await?;
    sessions(&args, &programs, &mut results).await?;
    if args.check {
        return Ok(check::judge(&results));
    }
    for code in lines::user_code(&root)? {
        results.add("code", "lines", code.candidate, 1, code.total().lines as f64);
        results.add("code", "characters", code.candidate, 1, code.total().characters as f64);
    }
    let about = About::here(args.quick, args.repetitions(), &root);
    let mut record = Record { about, results };
    against_the_api_server(&args, &programs, &mut record).await?;
    report(&record, &args.out, None)
}

/// The thesis' table, memory and growth. What goes wrong is among the results; what there is by then is not lost, whatever comes.
async fn against_the_api_server(args: &Args, programs: &[Program], record: &mut Record) -> Result<(), BoxError> {
    report::write(record, &args.out)?;
    if args.has("thesis") {
        let extent = if args.quick { thesis::Extent::QUICK } else { thesis::Extent::FULL };
        if let Err(error) = thesis::run(extent, &mut record.results).await {
            let said = format!("the thesis' table: {error}");
            record.results.remark(Candidate::Steersman.id(), RemarkKind::Failed, said);
        }
        report::write(record, &args.out)?;
    }
    let extent = if args.quick { scale::Extent::QUICK } else { scale::Extent::FULL };
    for program in programs.iter().filter(|_| args.has("memory")) {
        scale::run(program, extent, &mut record.results).await;
        report::write(record, &args.out)?;
    }
    Ok(())
}

/// Writes everything that follows from the measurements, and shows the goals.
fn report(record: &Record, folder: &Path, readme: Option<&Path>) -> Result<ExitCode, BoxError> {
    let verdicts = report::write(record, folder)?;
    if let Some(readme) = readme {
        report::embed(record, readme)?;
    }
    println!("{}", report::goals_text(&verdicts));
    say(&format!("results, tables and plots are in {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn plan(&self) -> Plan {
        let is_short = self.quick || self.check;
        Plan {
            count: if is_short { 20 } else { 100 },
            quiet: Duration::from_millis(2000),
            rounds: if self.check { 5 } else { 20 },
            steady: Duration::from_secs(match (self.check, self.quick) {
                (true, _) => 3,
                (_, true) => 10,
                _ => 60,
            }),
        }
    }

    /// What is done with a candidate. Of a peer, a check only wants to know that it still does its work.
    fn selection(&self, candidate: Candidate) -> Selection {
        if self.check && self.scenarios.is_empty() && candidate != Candidate::Steersman {
            let few = [name::READINESS, name::SERVICES, name::CONFIG_MAPS, name::OPERATOR_RESTART];
            return Selection(few.map(str::to_owned).to_vec());
        }
        Selection(self.scenarios.clone())
    }

    /// Whether this part was asked for.
    fn has(&self, part: &str) -> bool {
        self.scenarios.is_empty() || self.scenarios.iter().any(|scenario| scenario == part)
    }

    fn repetitions(&self) -> u32 {
        self.repetitions.unwrap_or(if self.quick || self.check { 1 } else { 3 })
    }
}

/// All candidates once, then all of them again, so that each is beside each in time. Another one is first each time.
async fn sessions(args: &Args, programs: &[Program], results: &mut Results) -> Result<(), BoxError> {
    let repetitions = args.repetitions();
    say("starting the control plane");
    let mut cluster = Cluster::start().await?;
    for repetition in 1..=repetitions {
        for turn in 0..programs.len() {
            let program = &programs[(turn + repetition as usize - 1) % programs.len()];
            let id = program.candidate().id();
            say(&format!("{id}, repetition {repetition} of {repetitions}"));
            let selection = args.selection(program.candidate());
            let done = scenario::session(&cluster, args.plan(), repetition, program, &selection, results).await;
            if let Err(error) = done {
                results.remark(id, RemarkKind::Failed, format!("repetition {repetition}: {error}"));
                // What it has left behind would be work for the next one.
                cluster = Cluster::start().await?;
            }
        }
    }
    Ok(())
}

/// Builds the candidates; those that cannot be built here are skipped, and the results say so.
async fn build(args: &Args, results: &mut Results) -> Result<Vec<Program>, BoxError> {
    let wanted = match &args.candidates[..] {
        [] if args.check => &[Candidate::Steersman, Candidate::KubePlain],
        [] => &Candidate::ALL[..],
        some => some,
    };
    let mut programs = Vec::new();
    for &candidate in wanted {
        say(&format!("building {}", candidate.id()));
        match candidate.build().await {
            Ok(program) => programs.push(program),
            Err(NotBuilt::Missing(why)) => results.remark(candidate.id(), RemarkKind::Skipped, why),
            Err(NotBuilt::Broken(error)) => return Err(error),
        }
    }
    Ok(programs)
}
