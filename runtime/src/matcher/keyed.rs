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

    fn fits(&self, item: &Value) -> Fit {
        match self {
            Self::Field(_) => Fit::No,
            Self::Member(value) if value == item => Fit::Fully,
            Self::Member(_) => Fit::No,
            Self::Key(key) => key.iter().map(|(name, value)| fit(name, value, item.get(name))).min().unwrap_or(Fit::No),
        }
    }
}

/// How well an item fits an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    /// But for a key field that the item leaves out, so that the server fills it in.
    Partly,
    Fully,
}

fn fit(name: &str, value: &Value, found: Option<&Value>) -> Fit {
    match found.filter(|found| !found.is_null()) {
        Some(found) if found == value => Fit::Fully,
        Some(_) => Fit::No,
        // The one default that is known.
        None if name == "protocol" && value == "TCP" => Fit::Fully,
        None if name == "protocol" => Fit::No,
        None => Fit::Partly,
    }
}

/// Why there is no one position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Missing,
    Ambiguous,
}

/// The position of the item that the element names: the one that fits best.
pub(super) fn position(list: &[Value], element: &Element<'_>) -> Result<usize, Lost> {
    let (mut best, mut found) = (Fit::No, Err(Lost::Missing));
    for (i, item) in list.iter().enumerate() {
        let fit = element.fits(item);
        if fit > best {
            (best, found) = (fit, Ok(i));
        } else if fit == best && fit != Fit::No {
            found = Err(Lost::Ambiguous);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(list: &Value, element: &str) -> Result<usize, Lost> {
        position(list.as_array().unwrap(), &Element::parse(element).unwrap())
    }

    #[test]
    fn a_key_field_that_is_left_out_fits_if_nothing_fits_better() {
        let main = r#"k:{"layer":"main","name":"left"}"#;
        let top = r#"k:{"layer":"top","name":"left"}"#;
        let both = json!([{ "name": "left" }, { "name": "left", "layer": "top" }, { "name": "right" }]);
        assert_eq!((find(&both, main), find(&both, top)), (Ok(0), Ok(1)));
        let twice = json!([{ "name": "left" }, { "name": "left", "layer": null }]);
        assert_eq!(find(&twice, main), Err(Lost::Ambiguous));
        assert_eq!(find(&json!([{ "name": "right" }]), main), Err(Lost::Missing));
    }

    #[test]
    fn a_protocol_that_is_left_out_is_tcp() {
        let dns = json!([{ "port": 53, "protocol": "UDP" }, { "port": 53 }]);
        assert_eq!(find(&dns, r#"k:{"port":53,"protocol":"TCP"}"#), Ok(1));
        assert_eq!(find(&dns, r#"k:{"port":53,"protocol":"UDP"}"#), Ok(0));
        assert_eq!(find(&dns, r#"k:{"port":53,"protocol":"SCTP"}"#), Err(Lost::Missing));
    }

    #[test]
    fn items_of_sets_and_what_is_no_element() {
        let set = json!(["a", "b", "b", 1]);
        assert_eq!((find(&set, r#"v:"a""#), find(&set, "v:1")), (Ok(0), Ok(3)));
        assert_eq!((find(&set, r#"v:"b""#), find(&set, r#"v:"c""#)), (Err(Lost::Ambiguous), Err(Lost::Missing)));
        for element in ["", ".", "f", "i:3", "k:3", "v:", "ä:"] {
            assert!(Element::parse(element).is_none(), "{element}");
        }
    }
}
