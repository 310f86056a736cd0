//! The watches, their caches, and the queues.

use serde_json::{Value, json};

use super::{Page, Table, Views, ago, until};
use crate::core::inspect::QueueEntry;
use crate::watch::ScopeView;

impl Views {
    /// The watches: how they are, what they have shown, and who asks for them.
    pub(crate) fn watches(&self) -> Page {
        let (mut watches, mut states) = (Vec::new(), Vec::new());
        for (watch, name) in self.watches.iter().zip(&self.watch_names) {
            let (shown, complete) = {
                let world = self.shared.world();
                (world.shown(watch.cache), world.is_complete(watch.cache))
            };
            let restarts: Vec<String> =
                watch.account.restarts().iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            watches.push(vec![
                name.as_str().into(),
                watch.kind.to_string().into(),
                complete.into(),
                shown.last.map_or(Value::Null, ago),
                shown.lists.into(),
                shown.applied.into(),
                shown.passed_by.into(),
                shown.deleted.into(),
                shown.bookmarks.into(),
                shown.echoes.into(),
                watch.account.undecodables().into(),
                watch.account.bytes().into(),
                restarts.join(", ").into(),
                watch.narrowing.selection().into(),
                watch.attributes().into(),
            ]);
            states.extend(watch.account.scopes().into_iter().map(|ScopeView { namespace, state, silent }| {
                let namespace = namespace.unwrap_or_else(|| "(all)".to_owned());
                vec![
                    name.as_str().into(),
                    namespace.into(),
                    state.word.into(),
                    ago(state.since),
                    super::seconds(silent),
                    state.error.into(),
                ]
            }));
        }
        let columns = &[
            "watch",
            "kind",
            "complete",
            "last_event_seconds",
            "lists",
            "applied",
            "passed_by",
            "deleted",
            "bookmarks",
            "own_echoes",
            "undecodable",
            "bytes",
            "restarts",
            "selector",
            "attributes",
        ];
        let of_states = &["watch", "namespace", "state", "for_seconds", "silent_seconds", "error"];
        Page {
            facts: Vec::new(),
            tables: vec![
                Table { name: "watches", columns, rows: watches },
                Table { name: "states", columns: of_states, rows: states },
            ],
        }
    }

    /// The caches: what they hold, and who reads it.
    pub(crate) fn caches(&self) -> Page {
        let mut rows = Vec::new();
        for (watch, name) in self.watches.iter().zip(&self.watch_names) {
            let (pieces, served, readers) = {
                let world = self.shared.world();
                (world.pieces(watch.cache), world.is_served(watch.cache), world.readers(watch.cache))
            };
            let reader = |(id, index): &(crate::core::world::OperatorId, usize)| {
                let operator = &self.operators[id.0];
                format!("{}.{}", operator.name, operator.place(*index))
            };
            let readers = readers.iter().map(reader).collect::<Vec<_>>().join(", ");
            rows.extend(pieces.into_iter().map(|piece| {
                vec![
                    name.as_str().into(),
                    piece.namespace.unwrap_or_else(|| "(all)".to_owned()).into(),
                    piece.complete.into(),
                    served.into(),
                    piece.objects.into(),
                    piece.bytes.into(),
                    piece.stubs.into(),
                    piece.ahead.into(),
                    readers.as_str().into(),
                ]
            }));
        }
        let columns =
            &["watch", "namespace", "complete", "served", "objects", "bytes", "stubs", "own_writes_ahead", "read_by"];
        Page { facts: Vec::new(), tables: vec![Table { name: "caches", columns, rows }] }
    }

    /// The queues, and who waits in them: at most `limit` of each lane and of those that a time is set for.
    pub(crate) fn queue(&self, limit: usize, namespace: Option<&str>) -> Page {
        let (mut queues, mut entries) = (Vec::new(), Vec::new());
        for operator in &self.operators {
            let (view, waiting) = {
                let world = self.shared.world();
                (world.operator_view(operator.id), world.queue_entries(operator.id, limit))
            };
            let turns = view.turns;
            queues.push(vec![
                operator.name.as_str().into(),
                turns.depth[0].into(),
                turns.depth[1].into(),
                turns.oldest.map_or(Value::Null, ago),
                view.running.into(),
                json!(view.limit),
                view.held.into(),
                turns.timers.into(),
                turns.counts.adds.into(),
                turns.counts.retries.into(),
            ]);
            let wanted =
                |entry: &QueueEntry| namespace.is_none_or(|namespace| entry.key.namespace() == Some(namespace));
            entries.extend(waiting.into_iter().filter(wanted).map(|QueueEntry { key, place, at }| {
                let waits = matches!(place, "live" | "background");
                let (since, due) = if waits { (ago(at), Value::Null) } else { (Value::Null, until(at)) };
                vec![operator.name.as_str().into(), key.to_string().into(), place.into(), since, due]
            }));
        }
        let columns = &[
            "operator",
            "live",
            "background",
            "oldest_seconds",
            "running",
            "limit",
            "held",
            "timers",
            "adds",
            "retries",
        ];
        let of_entries = &["operator", "primary", "place", "waiting_seconds", "due_in_seconds"];
        Page {
            facts: vec![("leading", self.shared.leadership.term().is_some().into())],
            tables: vec![
                Table { name: "queues", columns, rows: queues },
                Table { name: "entries", columns: of_entries, rows: entries },
            ],
        }
    }
}
