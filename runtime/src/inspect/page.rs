//! A debug view in two forms: as JSON, and as text in columns.

use std::fmt::Write;

use serde_json::{Map, Value};

/// What one view shows.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Single facts.
    pub(crate) facts: Vec<(&'static str, Value)>,
    pub(crate) tables: Vec<Table>,
}

/// Rows that tell the same of many things.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// A value for each column.
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Page {
    /// An object with a field for each fact, and one with a list of objects for each table.
    pub(crate) fn json(self) -> Value {
        let mut fields: Map<String, Value> = Map::new();
        for (name, value) in self.facts {
            fields.insert(name.to_owned(), value);
        }
        for Table { name, columns, rows } in self.tables {
            let object = |row: Vec<Value>| columns.iter().map(|column| (*column).to_owned()).zip(row).collect();
            fields.insert(name.to_owned(), rows.into_iter().map(|row| Value::Object(object(row))).collect());
        }
        Value::Object(fields)
    }

    /// A line for each fact, then the tables, with a title where there are several.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let facts = self.facts.iter().filter(|(_, value)| !value.is_null());
        let rows: Vec<Vec<String>> =
            facts.map(|(name, value)| vec![format!("{}:", spoken(name)), cell(value)]).collect();
        align(&mut text, &rows);
        let titled = self.tables.len() > 1 || !self.facts.is_empty();
        for Table { name, columns, rows } in &self.tables {
            if !text.is_empty() {
                text.push('\n');
            }
            if titled {
                let _ = writeln!(text, "{}:", spoken(name));
            }
            let head = columns.iter().map(|column| spoken(column).to_uppercase()).collect();
            let rows = rows.iter().map(|row| row.iter().map(cell).collect());
            align(&mut text, &std::iter::once(head).chain(rows).collect::<Vec<_>>());
        }
        text
    }
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        // What comes from elsewhere must not look like a line of ours.
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn align(text: &mut String, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page() -> Page {
        let rows =
            vec![vec![json!("ConfigMap"), json!(2), json!(true)], vec![json!("S\nx"), Value::Null, json!(["a", "b"])]];
        Page {
            facts: vec![("last_result", json!("success")), ("next", Value::Null)],
            tables: vec![Table { name: "watches", columns: &["kind", "own_echoes", "x"], rows }],
        }
    }

    #[test]
    fn the_text_is_in_columns() {
        let expected = "last result:  success\n\nwatches:\nKIND       OWN ECHOES  X\nConfigMap  2           yes\nS x        -           a, b\n";
        assert_eq!(page().text(), expected);
    }

    #[test]
    fn the_json_has_names() {
        let expected = json!({
            "last_result": "success", "next": null,
            "watches": [{ "kind": "ConfigMap", "own_echoes": 2, "x": true }, { "kind": "S\nx", "own_echoes": null, "x": ["a", "b"] }],
        });
        assert_eq!(page().json(), expected);
    }
}
