//! Checks a report of the demo: every step is there, nothing was read from the API server, nothing was written for nothing, and
//! no run came of the operator's own writes.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use serde_json::Value;

/// Words that the names of the steps contain.
const STEPS: [&str; 8] =
    ["create", "scale", "repair", "annotation", "api server restart", "operator restart", "missed", "delete"];

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: check-report FILE");
        return ExitCode::FAILURE;
    };
    match check(&file) {
        Ok(()) => {
            println!("the report holds: {} steps, 0 reads, 0 writes after the restart", STEPS.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(file: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let steps = report["steps"].as_array().ok_or("there are no steps")?;
    for word in STEPS {
        let step = steps.iter().find(|step| step["name"].as_str().is_some_and(|name| name.contains(word)));
        let step = step.ok_or_else(|| format!("the step `{word}` is missing"))?;
        if step["reads"].as_u64() != Some(0) {
            return Err(format!("`{word}` has {} reads instead of 0", step["reads"]));
        }
        let (least, most) = match word {
            "annotation" => (0, 0),
            "repair" | "operator restart" | "missed" | "delete" => (1, 1),
            _ => (1, 10),
        };
        let wake_ups = step["wake_ups"].as_u64().ok_or_else(|| format!("`{word}` has no wake-ups"))?;
        if !(least..=most).contains(&wake_ups) {
            return Err(format!("`{word}` has {wake_ups} wake-ups, not {least} to {most}"));
        }
        let writes = match word {
            "annotation" | "operator restart" => Some(0),
            "repair" | "api server restart" | "missed" => Some(1),
            _ => None,
        };
        if writes.is_some_and(|writes| step["writes"].as_u64() != Some(writes)) {
            return Err(format!("`{word}` has {} writes", step["writes"]));
        }
    }
    Ok(())
}
