//! How fast and how small steersman is, beside kube's own runtime.
//!
//! `cargo bench -p tests` runs every section, `cargo bench -p tests -- snapshot event` some of them, `--quick` makes a
//! short run for trying. Both sides of a ratio are measured in turns in one run, so that a busy machine slows both; the
//! numbers are medians. The absolute times are those of this machine, the ratios travel.
#![forbid(unsafe_code)]

mod accounting;
mod apply;
mod cold;
mod compile;
mod creation;
mod engine;
mod event;
mod harness;
mod live;
mod many;
mod memory;
mod microscope;
mod objects;
mod operators;
mod process;
mod relations;
mod rollouts;
mod script;
mod ships;
mod size;
mod snapshot;
mod stubs;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use harness::{Report, Size};

type Outcome = Result<(), Box<dyn Error>>;
type Section = (&'static str, fn(Size, &mut Report) -> Outcome);

const SECTIONS: [Section; 14] = [
    ("snapshot", snapshot::run),
    ("engine", engine::run),
    ("accounting", accounting::run),
    ("event", event::run),
    ("relations", relations::run),
    ("memory", memory::run),
    ("apply", apply::run),
    ("process", process::run),
    ("creation", creation::run),
    ("rollouts", rollouts::run),
    ("live", live::run),
    ("many", many::run),
    ("compile", compile::run),
    ("size", size::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [process::AS_PEER, kubeconfig] => return process::peer(kubeconfig),
        [many::AS_SITES, kubeconfig] => return many::operator(kubeconfig),
        [many::AS_SITES_PEER, kubeconfig] => return many::peer(kubeconfig),
        [microscope::AS_PROFILE, microscope::FLAGSHIP, apps, ref profiler @ ..] => {
            return microscope::flagship(apps, profiler);
        }
        [microscope::AS_PROFILE, workload] => return microscope::profile(workload),
        _ => {}
    }
    let (options, names): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|a| a.starts_with("--"));
    let unknown = names.iter().find(|name| SECTIONS.iter().all(|(section, _)| section != **name));
    if let Some(unknown) = options.iter().find(|option| **option != "--quick").or(unknown) {
        let sections = SECTIONS.map(|(name, _)| name).join(", ");
        eprintln!("`{unknown}` is neither `--quick` nor a section; there are: {sections}");
        return ExitCode::FAILURE;
    }
    let size = if options.is_empty() { Size::Full } else { Size::Quick };
    let mut report = Report::default();
    let mut failed = Vec::new();
    for (name, section) in SECTIONS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|n| n == name)) {
        let begin = Instant::now();
        eprintln!("{name} ...");
        if let Err(error) = section(size, &mut report) {
            eprintln!("{name} could not be measured: {error}");
            failed.push(*name);
        }
        eprintln!("{name}: {:.0} s", begin.elapsed().as_secs_f64());
    }
    println!("{report}");
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("NOT MEASURED, see the errors above: {}", failed.join(", "));
    ExitCode::FAILURE
}
