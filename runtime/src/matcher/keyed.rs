//! The items of merged lists, by what managedFields calls them.

use serde_json::{Map, Value};

/// What an element of an entry names.
#[derive(Debug)]
pub(super) enum Element<'a> {
    Field(&'a str),
    /// The item of a list with these values in its key fields.
    Key(Map<String, Value>),
    /// The item of a set.
    Member(Value),
}

impl<'a> Element<'a> {
    /// `None` for what does not exist (yet), such as an item by its index, which is never given to an apply.
    pub(super) fn parse(element: &'a str) -> Option<Self> {
        match element.split_at_checked(2)? {
            ("f:", name) => Some(Self::Field(name)),
            ("k:", key) => serde_json::from_str(key).ok().map(Self::Key),
            ("v:", value) => serde_json::from_str(value).ok().map(Self::Member),
            _ => None,
        }
    }

    /// Whether this is the item that the element names. A key field that the item leaves out has been filled in by the
    /// server; which value that was is known of `protocol`.
    fn names(&self, item: &Value) -> bool {
        match self {
            Self::Field(_) => false,
            Self::Member(value) => value == item,
            Self::Key(key) => key.iter().all(|(name, value)| match item.get(name) {
                Some(found) if !found.is_null() => found == value,
                _ => name != "protocol" || value == "TCP",
            }),
        }
    }
}

/// Why there is no one position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Missing,
    Ambiguous,
}

/// The position of the item that the element names.
pub(super) fn position(list: &[Value], element: &Element<'_>) -> Result<usize, Lost> {
    let mut found = list.iter().enumerate().filter(|(_, item)| element.names(item)).map(|(i, _)| i);
    let first = found.next().ok_or(Lost::Missing)?;
    match found.next() {
        Some(_) => Err(Lost::Ambiguous),
        None => Ok(first),
    }
}
