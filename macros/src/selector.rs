//! Label selectors: what `selector = ".."` takes, as the API server reads it.

use std::collections::BTreeSet;

use crate::qualified::{check_key, check_value};

/// One requirement. All of them must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Requirement {
    /// `key`
    Exists(String),
    /// `!key`
    DoesNotExist(String),
    /// `key = value`, `key == value`
    Equal(String, String),
    /// `key != value`
    NotEqual(String, String),
    /// `key in (a, b)`
    In(String, BTreeSet<String>),
    /// `key notin (a, b)`
    NotIn(String, BTreeSet<String>),
}

const GRAMMAR: &str = "`key`, `!key`, `key = value`, `key != value`, `key in (a, b)` or `key notin (a, b)`";

/// Reads a label selector. The requirements come out in an order of their own, each once, so that equal selectors are equal.
///
/// # Errors
/// The cause and the remedy.
pub(crate) fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    if text.trim().is_empty() {
        return Err(
            "an empty selector selects everything; write one such as \"app = web, tier in (front, back)\", or leave it out"
                .to_owned(),
        );
    }
    let terms = terms(text).ok_or_else(|| format!("`{text}` has a parenthesis without its other half; add it"))?;
    let requirements: Result<BTreeSet<_>, String> = terms.into_iter().map(|term| requirement(term.trim())).collect();
    let requirements: Vec<_> = requirements?.into_iter().collect();
    can_be_met(&requirements)?;
    Ok(requirements)
}

/// No object can have a label and not have it, or have it with two values.
fn can_be_met(requirements: &[Requirement]) -> Result<(), String> {
    for (i, one) in requirements.iter().enumerate() {
        for other in requirements.iter().skip(i + 1).filter(|other| other.key() == one.key()) {
            let key = one.key();
            match (one, other) {
                (Requirement::Equal(_, a), Requirement::Equal(_, b)) => {
                    return Err(format!(
                        "no object has both `{key} = {a}` and `{key} = {b}`; for either of them write `{key} in ({a}, {b})`"
                    ));
                }
                (Requirement::DoesNotExist(_), _) | (_, Requirement::DoesNotExist(_))
                    if one.needs_the_label() || other.needs_the_label() =>
                {
                    return Err(format!(
                        "no object has the label `{key}` and does not have it; remove `!{key}`, or the other"
                    ));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

impl Requirement {
    fn key(&self) -> &str {
        match self {
            Self::Exists(key)
            | Self::DoesNotExist(key)
            | Self::Equal(key, _)
            | Self::NotEqual(key, _)
            | Self::In(key, _)
            | Self::NotIn(key, _) => key,
        }
    }

    /// An object without the label meets the others.
    fn needs_the_label(&self) -> bool {
        matches!(self, Self::Exists(_) | Self::Equal(..) | Self::In(..))
    }
}

/// The parts between the commas outside of parentheses.
fn terms(text: &str) -> Option<Vec<&str>> {
    let mut terms = Vec::new();
    let (mut begin, mut inside) = (0, false);
    for (i, c) in text.char_indices() {
        match c {
            '(' if !inside => inside = true,
            ')' if inside => inside = false,
            '(' | ')' => return None,
            ',' if !inside => {
                terms.push(&text[begin..i]);
                begin = i + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[begin..]);
    (!inside).then_some(terms)
}

fn requirement(term: &str) -> Result<Requirement, String> {
    if term.is_empty() {
        return Err(format!("there is nothing beside a comma of the selector; write {GRAMMAR}, or remove the comma"));
    }
    if let Some(key) = term.strip_prefix('!') {
        return Ok(Requirement::DoesNotExist(self::key(key, term)?));
    }
    if let Some(open) = term.find('(') {
        return set(&term[..open], &term[open..], term);
    }
    if let Some(sign) = term.find(['<', '>']) {
        return Err(format!(
            "`{term}` compares numbers with `{}`, which this framework does not offer; write {GRAMMAR}",
            &term[sign..=sign]
        ));
    }
    if let Some((key, value)) = term.split_once("!=") {
        return Ok(Requirement::NotEqual(self::key(key, term)?, self::value(value)?));
    }
    if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Ok(Requirement::Equal(self::key(key, term)?, self::value(value)?));
    }
    Ok(Requirement::Exists(self::key(term, term)?))
}

/// `key in (a, b)`: `head` ends before the parenthesis, `list` begins with it.
fn set(head: &str, list: &str, term: &str) -> Result<Requirement, String> {
    let not_a_set = || format!("`{term}` is not part of a selector; write {GRAMMAR}");
    let inner = list.strip_prefix('(').and_then(|list| list.strip_suffix(')')).ok_or_else(not_a_set)?;
    let mut words = head.split_whitespace();
    let (Some(key), Some(operator), None) = (words.next(), words.next(), words.next()) else { return Err(not_a_set()) };
    if inner.trim().is_empty() {
        return Err(format!("`{term}` lists no value; write the values between the parentheses"));
    }
    let key = self::key(key, term)?;
    let values = inner.split(',').map(value).collect::<Result<BTreeSet<_>, _>>()?;
    match operator {
        "in" => Ok(Requirement::In(key, values)),
        "notin" => Ok(Requirement::NotIn(key, values)),
        _ => Err(not_a_set()),
    }
}

fn key(text: &str, term: &str) -> Result<String, String> {
    let key = text.trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(format!("`{term}` is not part of a selector; write {GRAMMAR}"));
    }
    check_key(key).map(|()| key.to_owned())
}

fn value(text: &str) -> Result<String, String> {
    let value = text.trim();
    check_value(value).map(|()| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<const N: usize>(values: [&str; N]) -> BTreeSet<String> {
        values.map(str::to_owned).into()
    }

    #[test]
    fn what_nothing_can_meet() {
        for text in ["a = 1, a = 2", "a, !a", "!a, a in (1, 2)", "b, a = 1, !a"] {
            assert!(parse(text).is_err_and(|error| error.starts_with("no object has")), "{text}");
        }
        for text in ["a != 1, a != 2", "!a, a != 1", "a, a != 1", "a = 1, a", "a = 1, b = 2", "a notin (1), !a"] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn every_form() {
        use Requirement::{DoesNotExist, Equal, Exists, In, NotEqual, NotIn};
        let key = || "app.kubernetes.io/name".to_owned();
        for (text, requirement) in [
            ("app.kubernetes.io/name", Exists(key())),
            (" ! app.kubernetes.io/name ", DoesNotExist(key())),
            ("app.kubernetes.io/name=web", Equal(key(), "web".to_owned())),
            ("app.kubernetes.io/name == web", Equal(key(), "web".to_owned())),
            ("app.kubernetes.io/name=", Equal(key(), String::new())),
            ("app.kubernetes.io/name!=web", NotEqual(key(), "web".to_owned())),
            ("app.kubernetes.io/name in (a,b, a)", In(key(), set(["a", "b"]))),
            ("app.kubernetes.io/name in(a,)", In(key(), set(["a", ""]))),
            ("app.kubernetes.io/name  notin  ( a )", NotIn(key(), set(["a"]))),
            ("in in (in)", In("in".to_owned(), set(["in"]))),
        ] {
            assert_eq!(parse(text), Ok(vec![requirement]), "{text}");
        }
    }

    #[test]
    fn several_have_no_order() {
        let selector = parse("tier in (front, back), app=web,!canary").unwrap();
        assert_eq!(selector.len(), 3);
        assert_eq!(parse("!canary,app==web,tier in (back,front),app = web"), Ok(selector));
    }

    #[test]
    fn bad_ones() {
        for (text, cause) in [
            ("", "selects everything"),
            (" ", "selects everything"),
            ("app=web,", "nothing beside a comma"),
            (",app", "nothing beside a comma"),
            ("app in (a", "without its other half"),
            ("app in a)", "without its other half"),
            ("app in ((a))", "without its other half"),
            ("app in a", "is not part of a selector"),
            ("app in ()", "lists no value"),
            ("app within (a)", "is not part of a selector"),
            ("(a)", "is not part of a selector"),
            ("app in (a) b", "is not part of a selector"),
            ("=web", "is not part of a selector"),
            ("!", "is not part of a selector"),
            ("a b = c", "is not part of a selector"),
            ("-app = c", "is not a key"),
            ("a/b/c", "is not a key"),
            ("app = -c", "is not the value of a label"),
            ("app = a b", "is not the value of a label"),
            ("app = \"web\"", "is not the value of a label"),
            ("app === web", "is not the value of a label"),
            ("app in (a, b c)", "is not the value of a label"),
            ("replicas > 3", "compares numbers"),
        ] {
            assert!(parse(text).is_err_and(|e| e.contains(cause)), "{text}: {:?}", parse(text));
        }
    }
}
