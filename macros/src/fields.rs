//! Field selectors: what `fields = ".."` takes, as the API server reads it.

use syn::LitStr;

/// One field selector, and where it was written. Two that ask the same are equal.
#[derive(Clone, Debug)]
pub(crate) struct FieldSelector {
    /// As the API server is asked: terms in an order of their own, each once, `==` as `=`.
    pub(crate) text: String,
    /// As the user wrote it.
    pub(crate) literal: LitStr,
}

impl PartialEq for FieldSelector {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl FieldSelector {
    /// # Errors
    /// The cause and the remedy.
    pub(crate) fn read(literal: LitStr) -> Result<Self, String> {
        Ok(Self { text: parse(&literal.value())?, literal })
    }

    /// The paths of its terms, each once.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<_> =
            split(&self.text).into_iter().filter_map(|term| term.split(['=', '!']).next()).collect();
        // The terms are in order, and so equal paths are side by side.
        paths.dedup();
        paths
    }
}

/// Reads a field selector, and writes it as the API server is asked.
///
/// Whether a kind can be selected by these fields can only be told by its type, see `expand::checks`.
fn parse(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(
            "an empty selector selects everything; write one such as \"status.phase=Running\", or leave it out"
                .to_owned(),
        );
    }
    let mut terms = split(text).into_iter().map(term).collect::<Result<Vec<_>, _>>()?;
    terms.sort();
    terms.dedup();
    Ok(terms.join(","))
}

/// The parts between the commas that no backslash takes away.
fn split(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut begin, mut escaped) = (0, false);
    for (i, c) in text.char_indices() {
        if c == ',' && !escaped {
            terms.push(&text[begin..i]);
            begin = i + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    terms.push(&text[begin..]);
    terms
}

fn term(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(
            "there is nothing beside a comma of the selector; write `path=value`, or remove the comma".to_owned()
        );
    }
    if let [path, "in" | "notin", ..] = text.split_whitespace().collect::<Vec<_>>()[..] {
        return Err(format!(
            "`{text}` asks for a set, which only labels know; write `{path}=value`, or `{path}!=value` for each"
        ));
    }
    let Some(at) = text.find(['=', '!']) else {
        return Err(format!("`{text}` compares nothing; write `{text}=value` or `{text}!=value`"));
    };
    let (path, rest) = (text[..at].trim_end(), &text[at..]);
    let Some((sign, value)) = [("!=", "!="), ("==", "="), ("=", "=")]
        .into_iter()
        .find_map(|(written, sign)| Some((sign, rest.strip_prefix(written)?.trim_start())))
    else {
        return Err(format!("`{text}` is not part of a field selector; write `path=value` or `path!=value`"));
    };
    check_path(path, text)?;
    of_the_metadata(path, value)?;
    check_value(value)?;
    Ok(format!("{path}{sign}{value}"))
}

/// Of the metadata, every API server knows two fields and no more.
fn of_the_metadata(path: &str, value: &str) -> Result<(), String> {
    if let Some(label) = path.strip_prefix("metadata.labels.") {
        return Err(format!(
            "no object is selected by `{path}`, as that is a label; write `selector = \"{label} = {value}\"`"
        ));
    }
    match path.strip_prefix("metadata.") {
        None | Some("name" | "namespace") => Ok(()),
        Some(_) => Err(format!(
            "no object is selected by `{path}`, only by `metadata.name`, `metadata.namespace` and fields beside the metadata; compare \
             it instead: `predicate = changed(|object| ..)`"
        )),
    }
}

fn check_path(path: &str, term: &str) -> Result<(), String> {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    if path.split('.').all(is_part) {
        return Ok(());
    }
    // With the dot of a JSON path, as `selectableFields` of a CRD writes it.
    let bare = path.strip_prefix('.').filter(|bare| bare.split('.').all(is_part));
    Err(match bare {
        Some(bare) => format!("the path in `{term}` begins with a dot; write `{bare}`"),
        None => format!("`{path}` in `{term}` is not the path of a field; write one such as `metadata.name`"),
    })
}

/// Commas, equals signs and backslashes of a value are written behind a backslash.
fn check_value(value: &str) -> Result<(), String> {
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let fault = match c {
            '\\' => match chars.next() {
                Some('\\' | ',' | '=') => continue,
                _ => "a backslash stands before `,`, `=` or another backslash alone; write `\\\\` for one",
            },
            '=' => "an equals sign in a value is written `\\=`; add the backslash",
            _ => continue,
        };
        return Err(format!("`{value}` is not the value of a field: {fault}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_ones() {
        for (text, normal) in [
            ("metadata.name=web", "metadata.name=web"),
            (" spec.nodeName == n1 ", "spec.nodeName=n1"),
            ("status.phase!=Running,spec.nodeName=", "spec.nodeName=,status.phase!=Running"),
            ("a=1,a==1", "a=1"),
            (r"spec.note=a\,b\=c\\", r"spec.note=a\,b\=c\\"),
            (r"spec.note=a\\,b=c", r"b=c,spec.note=a\\"),
            ("type=kubernetes.io/tls", "type=kubernetes.io/tls"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(normal), "{text}");
        }
    }

    #[test]
    fn each_path_once() {
        let text = r"status.phase!=Failed,status.phase!=a\,b\=c,spec.nodeName=,status.podIP=1";
        let selector = FieldSelector::read(LitStr::new(text, proc_macro2::Span::call_site())).unwrap();
        assert_eq!(selector.paths(), ["spec.nodeName", "status.phase", "status.podIP"]);
    }

    #[test]
    fn bad_ones() {
        for (text, cause) in [
            ("", "selects everything"),
            ("a=1,", "nothing beside a comma"),
            ("metadata.name", "compares nothing"),
            ("a!1", "is not part of a field selector"),
            ("=web", "is not the path of a field"),
            (".spec.color=red", "begins with a dot"),
            ("spec..color=red", "is not the path of a field"),
            ("metadata.labels['a']=b", "is not the path of a field"),
            ("a b=c", "is not the path of a field"),
            ("a=b=c", "equals sign"),
            (r"a=b\c", "a backslash stands"),
            (r"a=b\", "a backslash stands"),
        ] {
            assert!(parse(text).is_err_and(|e| e.contains(cause)), "{text}: {:?}", parse(text));
        }
    }
}
