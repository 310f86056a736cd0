//! Where the log goes.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use super::failure::Failure;

/// What is logged if nobody says anything else.
const FILTER: &str = "info,kube_client=off";

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object per line, for programs.
    Json,
}

/// Has the log go to stderr, unless the program has seen to it itself.
pub(super) fn begin(filter: Option<&str>, format: LogFormat) -> Result<(), Failure> {
    let filter = filter.map(str::to_owned).or_else(|| std::env::var("RUST_LOG").ok()).filter(|text| !text.is_empty());
    let filter = EnvFilter::try_new(filter.as_deref().unwrap_or(FILTER)).map_err(|error| {
        Failure::setting(format!("the filter of the log is wrong: {error}; write it like `info,steersman=debug`"))
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // It fails if there is a log already: then it is the program's own.
    let _ = match format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    Ok(())
}
