//! The explanation as a picture: from the API server's watches to the operators, and back what they write.

use std::fmt::Write;

use super::{Explanation, Scope, Storage};

pub(super) fn draw(explanation: &Explanation) -> String {
    let mut text = String::from("flowchart LR\n");
    for (i, operator) in explanation.operators.iter().enumerate() {
        let _ = writeln!(text, "  o{i}([\"{}\"])", escaped(operator.name));
    }
    for (i, watch) in explanation.watches.iter().enumerate() {
        let mut label = vec![escaped(&watch.kind), escaped(&watch.api_version)];
        if let Scope::Namespaces(names) = &watch.scope {
            label.push(escaped(&names.join(" ")));
        }
        label.extend([&*watch.selector, watch.fields].iter().filter(|text| !text.is_empty()).map(|text| escaped(text)));
        if matches!(watch.storage, Storage::Metadata) {
            label.push("metadata".to_owned());
        }
        let _ = writeln!(text, "  w{i}[\"{}\"]", label.join("<br/>"));
        for reader in &watch.readers {
            let operator = reader.place;
            let said = escaped(&format!("{}{}", reader.relation, reader.words()));
            let _ = writeln!(text, "  w{i} -->|\"{said}<br/>{}\"| o{operator}", escaped(&reader.predicate));
            if reader.writable {
                let _ = writeln!(text, "  o{operator} -.->|writes| w{i}");
            }
        }
    }
    text
}

/// A text within quotes, where a `#` begins an entity.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}
