//! Places in a text that are written by this program: between `<!-- bench NAME -->` and `<!-- end -->`.

use crate::BoxError;

const END: &str = "<!-- end -->";

/// The text with new contents in one of its places.
///
/// # Errors
/// If there is no such place.
pub(crate) fn replace(text: &str, name: &str, contents: &str) -> Result<String, BoxError> {
    let begin = format!("<!-- bench {name} -->");
    let missing = || format!("there is no place `{begin}` .. `{END}`");
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{begin}\n\n{}\n\n{END}{after}", contents.trim()))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_place_gets_new_contents_and_keeps_its_markers() {
        let text = "a\n<!-- bench one -->\nold\n<!-- end -->\nb\n<!-- bench two -->\n<!-- end -->\nc\n";
        let once = replace(text, "two", "new\n").expect("there is such a place");
        assert_eq!(once, "a\n<!-- bench one -->\nold\n<!-- end -->\nb\n<!-- bench two -->\n\nnew\n\n<!-- end -->\nc\n");
        assert_eq!(replace(&once, "two", "new").expect("it is still there"), once);
        assert!(replace(text, "three", "").is_err());
    }
}
