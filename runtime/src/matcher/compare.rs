//! The walk through our entry, the desired and the live object side by side.

use serde_json::{Map, Number, Value};

use super::keyed::{Element, Lost, position};
use super::owned::{Node, OwnedFields};
use super::place::Place;
use super::{Difference, Verdict, native};
use crate::kind::KindInfo;
use crate::secret::HIDDEN;

/// The longest form of a value in a [`Difference`], in characters.
const SHORT: usize = 80;

pub(super) fn compare(kind: &KindInfo, desired: &Value, live: &Value, owned: &OwnedFields) -> Verdict {
    let place = Place::root(kind);
    let mut walk = Walk { unknown: None };
    let text = owned.text();
    let Some(tree) = Node::parse(&text) else { return Verdict::Unknown(difference(&place, None, None)) };
    match (walk.node(&place, &tree, desired, Some(live)), walk.unknown) {
        (Err(difference), _) => Verdict::Differs(difference),
        (Ok(()), Some(difference)) => Verdict::Unknown(difference),
        (Ok(()), None) => Verdict::Same,
    }
}

/// Ends at the first place that surely differs.
type Step = Result<(), Difference>;

struct Walk {
    /// The first place that cannot be decided.
    unknown: Option<Difference>,
}

impl Walk {
    fn node(&mut self, place: &Place<'_>, node: &Node<'_>, desired: &Value, live: Option<&Value>) -> Step {
        match desired {
            _ if node.is_leaf() && !place.is_root() => self.leaf(place, desired, live),
            Value::Object(desired) => self.fields(place, node, desired, live),
            Value::Array(desired) => self.items(place, node, desired, live),
            _ => differs(place, Some(desired), live),
        }
    }

    /// An object that is merged: its fields must be those of the entry, each with the value that is there.
    fn fields(
        &mut self,
        place: &Place<'_>,
        node: &Node<'_>,
        desired: &Map<String, Value>,
        live: Option<&Value>,
    ) -> Step {
        let mut found = 0;
        for (element, node) in node.elements() {
            let Some(name) = element.strip_prefix("f:") else { return differs(place, None, live) };
            let (place, live) = (place.field(name), live.and_then(|live| live.get(name)));
            let Some(desired) = desired.get(name) else { return differs(&place, None, live) };
            self.node(&place, node, desired, live)?;
            found += 1;
        }
        if found == desired.len() {
            return Ok(());
        }
        for (name, desired) in desired.iter().filter(|(name, _)| !place.ignores(name) && !node.has_field(name)) {
            let live = live.and_then(|live| live.get(name));
            self.unowned(&place.field(name), desired, live)?;
        }
        Ok(())
    }

    /// A desired field that the entry does not name. That can only be right if the server names nothing in it: an empty
    /// list that is merged.
    fn unowned(&mut self, place: &Place<'_>, desired: &Value, live: Option<&Value>) -> Step {
        match desired {
            Value::Array(items) if items.is_empty() => {
                if live != Some(desired) {
                    self.unknown(place, Some(desired), live);
                }
                Ok(())
            }
            Value::Object(fields) if !fields.is_empty() || place.is_metadata() => {
                let mut fields = fields.iter().filter(|(name, _)| !place.ignores(name));
                fields.try_for_each(|(name, desired)| {
                    self.unowned(&place.field(name), desired, live.and_then(|live| live.get(name)))
                })
            }
            _ => differs(place, Some(desired), live),
        }
    }

    /// A list that is merged: its items must be those of the entry, and lie in the desired order.
    fn items(&mut self, place: &Place<'_>, node: &Node<'_>, desired: &[Value], live: Option<&Value>) -> Step {
        let there = live.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut order = Vec::with_capacity(desired.len());
        for (element, node) in node.elements() {
            let Some(element) = Element::parse(element) else {
                self.unknown(place, None, live);
                return Ok(());
            };
            let place = match &element {
                Element::Field(_) => return differs(place, None, live),
                Element::Key(key) => place.key(key),
                Element::Member(value) => place.member(value),
            };
            match (position(desired, &element), position(there, &element)) {
                (Err(Lost::Missing), _) => return differs(&place, None, None),
                (Ok(i), Err(Lost::Missing)) => return differs(&place, Some(&desired[i]), None),
                (Err(Lost::Ambiguous), _) | (_, Err(Lost::Ambiguous)) => self.unknown(&place, None, None),
                (Ok(i), Ok(_)) if !node.has_self() => return differs(&place, Some(&desired[i]), None),
                (Ok(i), Ok(j)) => {
                    order.push((i, j));
                    self.node(&place, node, &desired[i], Some(&there[j]))?;
                }
            }
        }
        let unmatched = (0..desired.len()).find(|i| order.iter().all(|(found, _)| found != i));
        match unmatched {
            // What could not be told apart may well be this one.
            Some(i) if self.unknown.is_none() => return differs(&place.index(i), Some(&desired[i]), None),
            _ => {}
        }
        order.sort_unstable();
        if order.len() != desired.len() || !order.is_sorted_by(|(_, a), (_, b)| a < b) {
            self.unknown(place, None, None);
        }
        Ok(())
    }

    /// What the entry names without its parts: a scalar, something that is replaced as a whole, or something empty.
    fn leaf(&mut self, place: &Place<'_>, desired: &Value, live: Option<&Value>) -> Step {
        match (desired, live.filter(|live| !live.is_null())) {
            // We have written it, nobody has taken it out: it is what Go leaves out.
            (desired, None) if place.is_native() && is_zero(desired) => Ok(()),
            (Value::Object(fields), None) if fields.is_empty() => self.undecided(place, desired, live),
            (desired, None) => differs(place, Some(desired), live),
            (Value::Object(fields), Some(Value::Object(_))) if fields.is_empty() && native::is_merged(place) => Ok(()),
            // What is merged is named without its parts only if we left it empty.
            (Value::Object(fields), live) if !fields.is_empty() && !native::may_be_atomic(place) => {
                differs(place, Some(desired), live)
            }
            (desired, Some(live)) => self.whole(place, desired, live),
        }
    }

    /// Two values that must be the same in all their parts, but for what the server adds.
    fn whole(&mut self, place: &Place<'_>, desired: &Value, live: &Value) -> Step {
        match (desired, live) {
            (Value::Object(desired), Value::Object(live)) => self.structs(place, desired, live),
            (Value::Array(desired), Value::Array(live)) if desired.len() == live.len() => {
                let mut pairs = desired.iter().zip(live).enumerate();
                pairs.try_for_each(|(i, (desired, live))| self.whole(&place.index(i), desired, live))
            }
            _ if is_same(place, desired, live) => Ok(()),
            _ => differs(place, Some(desired), Some(live)),
        }
    }

    fn structs(&mut self, place: &Place<'_>, desired: &Map<String, Value>, live: &Map<String, Value>) -> Step {
        for (name, desired) in desired {
            let place = place.field(name);
            match live.get(name) {
                Some(live) if !live.is_null() => self.whole(&place, desired, live)?,
                _ if desired.is_null() => {}
                // In some structs Go leaves a zero out, in others it does not.
                _ if is_zero(desired) => self.unknown(&place, Some(desired), None),
                _ => return differs(&place, Some(desired), None),
            }
        }
        for (name, live) in live.iter().filter(|(name, live)| !live.is_null() && !desired.contains_key(*name)) {
            let inner = place.field(name);
            // What is no default may be left of an older release of the operator.
            if !native::is_default(&inner, live) {
                self.unknown(&inner, None, Some(live));
            }
        }
        Ok(())
    }

    fn undecided(&mut self, place: &Place<'_>, desired: &Value, live: Option<&Value>) -> Step {
        self.unknown(place, Some(desired), live);
        Ok(())
    }

    fn unknown(&mut self, place: &Place<'_>, desired: Option<&Value>, live: Option<&Value>) {
        self.unknown.get_or_insert_with(|| difference(place, desired, live));
    }
}

/// Whether two scalars are stored as the same.
fn is_same(place: &Place<'_>, desired: &Value, live: &Value) -> bool {
    match (desired, live) {
        (Value::String(a), Value::String(b)) => a == b || native::is_quantity(place) && super::quantity::is_same(a, b),
        (Value::Number(a), Value::Number(b)) => a == b || is_same_number(a, b),
        (a, b) => a == b,
    }
}

/// Whether one is a whole number and the other the same one, written with a fraction.
fn is_same_number(a: &Number, b: &Number) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    a.is_f64() != b.is_f64() && a.as_f64() == b.as_f64() && a.as_f64().is_some_and(|a| a.abs() < EXACT)
}

/// Whether Go leaves the value out, unless it is behind a pointer.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(_) | Value::Object(_) => false,
    }
}

fn differs(place: &Place<'_>, desired: Option<&Value>, live: Option<&Value>) -> Step {
    Err(difference(place, desired, live))
}

pub(super) fn difference(place: &Place<'_>, desired: Option<&Value>, live: Option<&Value>) -> Difference {
    let show = |value: &Value| if place.is_secret() { HIDDEN.to_owned() } else { short(value) };
    Difference {
        path: place.to_string(),
        desired: desired.map(show),
        live: live.filter(|live| !live.is_null()).map(show),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
