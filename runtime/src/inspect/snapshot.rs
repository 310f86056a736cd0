//! What a run of a primary that began now would see.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::redact::redact;
use super::{Operator, Views};
use crate::core::key::Key;
use crate::core::record::Record;

use crate::snapshot::View;

impl Views {
    /// The snapshot of a primary, at most `limit` objects of each secondary; `None` if there is none of this name. Without the values of
    /// Secrets.
    pub(crate) fn snapshot(&self, operator: &str, namespace: Option<&str>, name: &str, limit: usize) -> Option<Value> {
        let operator = self.operator(operator)?;
        let view = self.shared.world().snapshot(operator.id, &Key::new(namespace, name))?;
        Some(shown(operator, &view, limit))
    }
}

fn shown(operator: &Operator, view: &View, limit: usize) -> Value {
    let object = |index: usize, record: &Arc<Record>| {
        let kind = &operator.member.kinds[index];
        let Some(mut object) = record.any().and_then(kind.encode) else {
            return json!({ "metadata": { "name": record.key.to_string() }, "undecodable": true });
        };
        redact(kind, &mut object);
        if record.current().is_none() {
            // The newest version could not be decoded.
            object["lastGoodCopy"] = true.into();
        }
        object
    };
    let mut secondaries = Map::new();
    for (secondary, records) in view.secondaries.iter().enumerate() {
        let place = operator.place(secondary + 1);
        let shown: Vec<Value> = records.iter().take(limit).map(|record| object(secondary + 1, record)).collect();
        let content = json!({
            "kind": operator.member.kinds[secondary + 1].to_string(),
            "served": view.served[secondary],
            "count": records.len(),
            "objects": shown,
        });
        secondaries.insert(place.to_owned(), content);
    }
    json!({ "operator": operator.name, "primary": object(0, &view.primary), "secondaries": secondaries })
}

/// The same to be read: a heading for each object, and its JSON in lines.
pub(crate) fn text(snapshot: &Value) -> String {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let mut text = format!("# primary\n{}\n", pretty(&snapshot["primary"]));
    for (name, secondary) in snapshot["secondaries"].as_object().into_iter().flatten() {
        let served = if secondary["served"] == true { "" } else { ", not served" };
        let kind = secondary["kind"].as_str().unwrap_or_default();
        text.push_str(&format!("\n# {name}: {} of {kind}{served}\n", secondary["count"]));
        for object in secondary["objects"].as_array().into_iter().flatten() {
            text.push_str(&format!("{}\n", pretty(object)));
        }
    }
    text
}
