//! From measurements to JSON, tables, plots and goals.

pub(crate) mod candidates;
pub(crate) mod figure;
pub(crate) mod groups;
#[cfg(test)]
pub(crate) mod made_up;
mod markdown;
pub(crate) mod pivot;
mod plots;
mod sections;
mod thesis;

use std::path::Path;

use crate::BoxError;
use crate::goals::{self, Verdict};
use crate::record::Record;
use pivot::Pivot;

/// Writes `results.json`, `report.md` and the plots into a folder; returns what became of the goals.
pub(crate) fn write(record: &Record, folder: &Path) -> Result<Vec<Verdict>, BoxError> {
    std::fs::create_dir_all(folder).map_err(|error| format!("create {}: {error}", folder.display()))?;
    record.write(&folder.join("results.json"))?;
    let pivot = Pivot::new(&record.results.measurements);
    let verdicts = goals::judge(record);
    let mut text = "# steersman beside its peers\n".to_owned();
    for (_, title, contents) in parts(record, &pivot, &verdicts) {
        text += &format!("\n## {title}\n\n{}\n", contents.trim());
    }
    put(&folder.join("report.md"), &text)?;
    for (name, svg) in plots::all(record, &pivot)? {
        put(&folder.join(name), &svg)?;
    }
    Ok(verdicts)
}

/// Puts the tables into their places in a README.
pub(crate) fn embed(record: &Record, readme: &Path) -> Result<(), BoxError> {
    let pivot = Pivot::new(&record.results.measurements);
    let mut text = std::fs::read_to_string(readme).map_err(|error| format!("read {}: {error}", readme.display()))?;
    for (name, _, contents) in parts(record, &pivot, &goals::judge(record)) {
        text = sections::replace(&text, name, &contents)?;
    }
    put(readme, &text)
}

/// Name of the place, title and text.
fn parts(record: &Record, pivot: &Pivot, verdicts: &[Verdict]) -> [(&'static str, &'static str, String); 4] {
    [
        ("candidates", "What is compared", markdown::candidates(record)),
        ("tables", "Results", markdown::tables(record, pivot)),
        ("thesis", "Reading one primary with its secondaries", thesis::table(pivot)),
        ("goals", "Goals", markdown::goals(verdicts)),
    ]
}

/// The goals as text for the terminal.
pub(crate) fn goals_text(verdicts: &[Verdict]) -> String {
    markdown::goals(verdicts)
}

fn put(path: &Path, text: &str) -> Result<(), BoxError> {
    Ok(std::fs::write(path, text).map_err(|error| format!("write {}: {error}", path.display()))?)
}
