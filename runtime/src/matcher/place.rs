//! Where in an object a comparison is.

use std::fmt;

use serde_json::{Map, Value};

use super::native;
use crate::kind::KindInfo;
use crate::secret::is_secret;

/// A place in an object, as a chain of steps on the stack: it costs nothing until somebody wants to read it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    step: Step<'a>,
    native: bool,
    secret: bool,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Key(&'a Map<String, Value>),
    Member(&'a Value),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(super) fn root(kind: &KindInfo) -> Self {
        Self { outer: None, step: Step::Root, native: native::is_native(kind), secret: is_secret(kind) }
    }

    pub(super) fn field(&'a self, name: &'a str) -> Self {
        // The server decodes the metadata of custom resources like that of its own kinds; raw JSON in its own it leaves alone.
        let native = (self.native || self.is_root() && name == "metadata") && name != native::RAW;
        self.inner(Step::Field(name), native)
    }

    /// The item of a merged list with this key.
    pub(super) fn key(&'a self, key: &'a Map<String, Value>) -> Self {
        self.inner(Step::Key(key), self.native)
    }

    /// This item of a set.
    pub(super) fn member(&'a self, value: &'a Value) -> Self {
        self.inner(Step::Member(value), self.native)
    }

    pub(super) fn index(&'a self, index: usize) -> Self {
        self.inner(Step::Index(index), self.native)
    }

    fn inner(&'a self, step: Step<'a>, native: bool) -> Self {
        Self { outer: Some(self), step, native, secret: self.secret }
    }

    pub(super) fn is_root(&self) -> bool {
        matches!(self.step, Step::Root)
    }

    /// Whether the API server decodes this place into a Go type of its own.
    pub(super) fn is_native(&self) -> bool {
        self.native
    }

    /// Whether values at this place must not be shown.
    pub(super) fn is_secret(&self) -> bool {
        self.secret
    }

    /// The field that this place is, or whose item it is; empty for the object itself.
    pub(super) fn name(&self) -> &'a str {
        match (self.step, self.outer) {
            (Step::Field(name), _) => name,
            (_, Some(outer)) => outer.name(),
            (_, None) => "",
        }
    }

    /// The same of the place around this one.
    pub(super) fn outer_name(&self) -> &'a str {
        self.outer.map_or("", Place::name)
    }

    /// Whether this is a field, not an item.
    pub(super) fn is_field(&self) -> bool {
        matches!(self.step, Step::Field(_))
    }

    /// Whether this is a field right within a field: neither is an item.
    pub(super) fn is_nested_field(&self) -> bool {
        self.is_field() && self.outer.is_some_and(Place::is_field)
    }

    /// Whether this is the object's own metadata.
    pub(super) fn is_metadata(&self) -> bool {
        self.outer.is_some_and(Place::is_root) && self.name() == "metadata"
    }

    /// Whether a field of this place is left out of managedFields by the server.
    pub(super) fn ignores(&self, field: &str) -> bool {
        self.is_root() && matches!(field, "apiVersion" | "kind") || self.is_metadata() && native::is_identity(field)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            outer.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Key(key) => {
                for (i, (name, value)) in key.iter().enumerate() {
                    write!(f, "{}{name}={}", if i == 0 { "[" } else { "," }, Plain(value))?;
                }
                f.write_str("]")
            }
            Step::Member(value) => write!(f, "[{}]", Plain(value)),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// A value within a path: strings without quotes.
struct Plain<'a>(&'a Value);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) => f.write_str(text),
            other => other.fmt(f),
        }
    }
}
