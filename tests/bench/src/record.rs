//! A measurement with what has to be known about it, as it is kept in `results/*.json`. Tables, plots and goals are made of it
//! alone.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::BoxError;
use crate::measurement::Results;

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct Record {
    pub(crate) about: About,
    #[serde(flatten)]
    pub(crate) results: Results,
}

/// When, where and how it was measured.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct About {
    /// The day, in UTC.
    pub(crate) date: String,
    pub(crate) machine: Machine,
    /// Whether it was the short form, whose figures are for trying.
    pub(crate) quick: bool,
    pub(crate) repetitions: u32,
    /// Of programs and libraries, by name.
    pub(crate) versions: BTreeMap<String, String>,
}

/// Where it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) memory_bytes: u64,
}

impl Record {
    pub(crate) fn read(path: &Path) -> Result<Self, BoxError> {
        let text = std::fs::read(path).map_err(|error| format!("read {}: {error}", path.display()))?;
        Ok(serde_json::from_slice(&text).map_err(|error| format!("read {}: {error}", path.display()))?)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), BoxError> {
        // A measurement a line: a difference of two files can be read.
        let mut text = serde_json::to_string(self)?.replace("{\"scenario\"", "\n{\"scenario\"");
        text.push('\n');
        std::fs::write(path, text).map_err(|error| format!("write {}: {error}", path.display()))?;
        Ok(())
    }
}

impl About {
    /// This machine, today. `root` is the folder of the workspace.
    pub(crate) fn here(quick: bool, repetitions: u32, root: &Path) -> Self {
        let now = k8s_openapi::jiff::Timestamp::now();
        let date = now.strftime("%Y-%m-%d").to_string();
        Self { date, machine: Machine::here(), quick, repetitions, versions: crate::versions::collect(root) }
    }
}

impl Machine {
    fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Self { cores, memory_bytes: total.unwrap_or_default() * 1024 }
    }
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::report::made_up::record;

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.json");
        let written = record(&[("creation", "runs", "steersman", 200.0), ("code", "lines", "josdk", 180.0)]);
        written.write(&path).expect("it can be written");
        assert_eq!(Record::read(&path).expect("it can be read"), written);
        std::fs::write(&path, "{}").expect("it can be written");
        assert!(Record::read(&path).is_err(), "nothing is made up");
    }
}
