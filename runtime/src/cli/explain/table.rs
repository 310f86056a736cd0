//! The explanation as text: a line for each operator, and a table of the watches.

use std::fmt::{self, Write};

use comfy_table::{Cell, Table, presets};

use super::{Explained, ExplainedWatch, Explanation, Others, Scope, Storage};

const HEADER: [&str; 8] = ["WATCH", "SCOPE", "KEEPS", "OF OTHERS", "READ BY", "RELATION", "PREDICATE", "RIGHTS"];

pub(super) fn write(explanation: &Explanation, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for operator in &explanation.operators {
        self::operator(operator, f)?;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER.map(Cell::new));
    for watch in &explanation.watches {
        rows(watch, &mut table);
    }
    writeln!(f)?;
    for line in table.lines() {
        writeln!(f, "{}", line.trim())?;
    }
    Ok(())
}

fn operator(operator: &Explained, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Explained { name, primary, field_manager, finalizer, resync_seconds, timeout_seconds, concurrency } = operator;
    let resync = match resync_seconds {
        Some(seconds) => format!("resync every {}", time(*seconds)),
        None => "no resync".to_owned(),
    };
    let finalizer = finalizer.map(|finalizer| format!(", finalizer {finalizer}")).unwrap_or_default();
    writeln!(
        f,
        "operator {name} of {primary}: {resync}, a run takes at most {}, at most {concurrency} runs at once, field manager \
         {field_manager}{finalizer}",
        time(*timeout_seconds)
    )
}

/// A row for each reader; the watch is named in the first.
fn rows(watch: &ExplainedWatch, table: &mut Table) {
    let kind = format!("{} ({})", watch.kind, watch.api_version);
    let keeps = match watch.storage {
        Storage::Whole => "whole",
        Storage::Metadata => "metadata",
    };
    let others = match watch.others {
        Others::None => "-",
        Others::Nothing => "nothing",
        Others::Stubs => "stubs",
        Others::Named => "what names a primary",
    };
    for (i, reader) in watch.readers.iter().enumerate() {
        let once = |text: String| if i == 0 { text } else { String::new() };
        table.add_row([
            once(kind.clone()),
            once(scope(watch)),
            once(keeps.to_owned()),
            once(others.to_owned()),
            format!("{}.{}", reader.operator, reader.name),
            format!("{}{}", reader.relation, reader.words()),
            reader.predicate.clone(),
            reader.rights.join(", "),
        ]);
    }
}

/// Where the watch looks, and what for.
fn scope(watch: &ExplainedWatch) -> String {
    let mut text = match &watch.scope {
        Scope::Cluster => "cluster".to_owned(),
        Scope::AllNamespaces => "all namespaces".to_owned(),
        Scope::Namespaces(names) => names.join(" "),
    };
    for (what, narrowed) in [("labels", &*watch.selector), ("fields", watch.fields)] {
        if !narrowed.is_empty() {
            let _ = write!(text, ", {what} {narrowed}");
        }
    }
    text
}

/// `30 min`, `1.5 s`.
fn time(seconds: f64) -> String {
    match seconds {
        seconds if seconds >= 60.0 && seconds % 60.0 == 0.0 => format!("{} min", seconds / 60.0),
        seconds => format!("{seconds} s"),
    }
}
