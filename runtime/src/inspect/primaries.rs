//! The primaries: why they were woken, what came of it, and what comes next.

use serde_json::Value;

use super::{Operator, Page, Table, Views, ago, seconds, until};
use crate::core::history::{Memory, Remembered};
use crate::core::inspect::PrimaryView;
use crate::core::key::Key;

/// So many entries are looked through before others get the lock.
const SCAN: u32 = 2_000;
/// So many primaries are copied before others get the lock.
const COPY: usize = 200;

/// Where a list of primaries goes on: an operator and an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct From {
    operator: usize,
    entry: u32,
}

impl From {
    /// Reads what [`Views::primaries`] has given as the next one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (operator, entry) = text.split_once('-')?;
        Some(Self { operator: operator.parse().ok()?, entry: entry.parse().ok()? })
    }
}

impl Views {
    /// Primaries, at most `limit`, of one operator and namespace or of all of them.
    pub(crate) async fn primaries(
        &self,
        limit: usize,
        operator: Option<&str>,
        namespace: Option<&str>,
        mut from: From,
    ) -> Page {
        let mut rows = Vec::new();
        let mut next = None;
        while let Some(of) = self.operators.get(from.operator) {
            if operator.is_some_and(|name| name != of.name) {
                from = From { operator: from.operator + 1, entry: 0 };
                continue;
            }
            if rows.len() >= limit {
                next = Some(format!("{}-{}", from.operator, from.entry));
                break;
            }
            let most = COPY.min(limit - rows.len());
            let (found, rest) = self.shared.world().primaries_from(of.id, from.entry, (SCAN, most), namespace);
            rows.extend(found.iter().map(|primary| line(of, primary)));
            from = match rest {
                Some(entry) => From { entry, ..from },
                None => From { operator: from.operator + 1, entry: 0 },
            };
            tokio::task::yield_now().await;
        }
        let columns = &[
            "operator",
            "primary",
            "state",
            "runs",
            "last_run_seconds",
            "triggers",
            "result",
            "writes",
            "failures",
            "changed",
            "next",
            "next_in_seconds",
        ];
        let facts = next.map(|next| vec![("next", next.into())]).unwrap_or_default();
        Page { facts, tables: vec![Table { name: "primaries", columns, rows }] }
    }

    /// One primary; `None` if there is none of this name.
    pub(crate) fn primary(&self, operator: &str, namespace: Option<&str>, name: &str) -> Option<Page> {
        let operator = self.operator(operator)?;
        let primary = self.shared.world().primary_view(operator.id, &Key::new(namespace, name))?;
        let (next, next_in) = next(&primary);
        let Memory { runs, provoker, .. } = &primary.memory;
        let provoked_by = provoker.as_ref().map(|(index, key)| format!("{} {key}", operator.member.kinds[*index].kind));
        let facts = vec![
            ("operator", operator.name.as_str().into()),
            ("kind", operator.member.kinds[0].to_string().into()),
            ("primary", primary.key.to_string().into()),
            ("uid", primary.uid.to_string().into()),
            ("resource_version", primary.version.to_string().into()),
            ("generation", primary.generation.into()),
            ("deleting", primary.deleting.into()),
            ("state", primary.times.state.into()),
            ("runs", (*runs).into()),
            ("failures", primary.times.failures.into()),
            ("next", next),
            ("next_in_seconds", next_in),
            ("requeue_in_seconds", primary.times.requeue.map_or(Value::Null, until)),
            ("resync_in_seconds", primary.times.resync.map_or(Value::Null, until)),
            ("provoked_by", provoked_by.into()),
            ("provocations_in_a_row", primary.provocations.into()),
            ("unknown_writes", primary.unsure.into()),
        ];
        Some(Page { facts, tables: vec![last_runs(operator, &primary), fingerprints(operator, &primary)] })
    }
}

/// What comes next, and in how many seconds.
fn next(primary: &PrimaryView) -> (Value, Value) {
    match primary.times.next().filter(|_| primary.times.state == "idle") {
        Some((word, at)) => (word.into(), until(at)),
        None => (Value::Null, Value::Null),
    }
}

fn line(operator: &Operator, primary: &PrimaryView) -> Vec<Value> {
    let changed: Vec<&str> = differing(primary).map(|index| operator.place(index)).collect();
    let last = primary.memory.last.last();
    let of = |what: fn(&Remembered) -> Value| last.map_or(Value::Null, what);
    let (next, next_in) = next(primary);
    vec![
        operator.name.as_str().into(),
        primary.key.to_string().into(),
        primary.times.state.into(),
        primary.memory.runs.into(),
        of(|last| ago(last.run.began)),
        of(|last| last.triggers.to_string().into()),
        of(|last| last.run.result.as_str().into()),
        of(|last| last.run.writes.into()),
        primary.times.failures.into(),
        changed.into(),
        next,
        next_in,
    ]
}

fn differing(primary: &PrimaryView) -> impl Iterator<Item = usize> {
    let prints = primary.prints.iter().enumerate();
    prints.filter(|(_, (current, seen))| *seen != Some(*current)).map(|(index, _)| index)
}

fn last_runs(operator: &Operator, primary: &PrimaryView) -> Table {
    let Memory { runs, last, .. } = &primary.memory;
    let first = *runs as usize - last.len().min(*runs as usize);
    let row = |(i, Remembered { run, triggers }): (usize, &Remembered)| {
        let places = 0..operator.member.kinds.len();
        let written: Vec<&str> =
            places.filter(|index| run.written & 1 << index.min(&15) != 0).map(|index| operator.place(index)).collect();
        vec![
            (first + i + 1).into(),
            ago(run.began),
            triggers.to_string().into(),
            run.task.as_str().into(),
            run.result.as_str().into(),
            seconds(run.took),
            run.writes.into(),
            written.into(),
            run.provoked.into(),
        ]
    };
    let columns = &[
        "number",
        "ago_seconds",
        "triggers",
        "task",
        "result",
        "duration_seconds",
        "writes",
        "written",
        "provoked_another",
    ];
    Table { name: "last_runs", columns, rows: last.iter().enumerate().map(row).collect() }
}

fn fingerprints(operator: &Operator, primary: &PrimaryView) -> Table {
    let print = |print: u128| format!("{print:032x}");
    let row = |(index, (current, seen)): (usize, &(u128, Option<u128>))| {
        vec![
            operator.place(index).into(),
            operator.member.kinds[index].to_string().into(),
            index.checked_sub(1).map_or(1, |secondary| primary.counts[secondary]).into(),
            print(*current).into(),
            seen.map(print).into(),
            (*seen != Some(*current)).into(),
        ]
    };
    let columns = &["secondary", "kind", "objects", "current", "seen", "changed"];
    Table { name: "fingerprints", columns, rows: primary.prints.iter().enumerate().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_is_read_as_it_was_written() {
        assert_eq!(From::parse("2-17"), Some(From { operator: 2, entry: 17 }));
        assert_eq!((From::parse("2"), From::parse("a-b")), (None, None));
    }
}
