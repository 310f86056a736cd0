//! Which finalizers of a primary belong to its operator.

/// The finalizers of one operator. All others are foreign and stay as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Finalizers {
    /// The one that the operator adds.
    pub(crate) own: Option<&'static str>,
    /// Those that its earlier releases added.
    pub(crate) former: &'static [&'static str],
}

impl Finalizers {
    /// Whether a primary with these waits for the operator before it can go.
    pub(crate) fn hold(self, names: &[Box<str>]) -> bool {
        names.iter().any(|name| self.is_own(name) || self.is_former(name))
    }

    /// What a living primary with these is to have instead: the own one, and no former ones.
    pub(crate) fn of_the_living(self, names: &[Box<str>]) -> Vec<String> {
        let mut kept: Vec<String> =
            names.iter().filter(|name| !self.is_former(name)).map(ToString::to_string).collect();
        if let Some(own) = self.own
            && !kept.iter().any(|name| name == own)
        {
            kept.push(own.to_owned());
        }
        kept
    }

    /// What a primary with these is to have when it is cleaned up: foreign ones alone.
    pub(crate) fn of_the_cleaned(self, names: &[Box<str>]) -> Vec<String> {
        let foreign = names.iter().filter(|name| !self.is_own(name) && !self.is_former(name));
        foreign.map(ToString::to_string).collect()
    }

    fn is_own(self, name: &str) -> bool {
        self.own == Some(name)
    }

    fn is_former(self, name: &str) -> bool {
        self.former.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<Box<str>> {
        names.iter().map(|&name| name.into()).collect()
    }

    const RENAMED: Finalizers = Finalizers { own: Some("new/x"), former: &["old/x", "older/x"] };
    const DROPPED: Finalizers = Finalizers { own: None, ..RENAMED };

    #[test]
    fn a_living_primary_gets_the_own_one_in_place_of_the_former_ones() {
        let carried = names(&["a/foreign", "old/x", "b/foreign", "older/x"]);
        assert_eq!(RENAMED.of_the_living(&carried), ["a/foreign", "b/foreign", "new/x"]);
        assert_eq!(RENAMED.of_the_living(&names(&["new/x", "a/foreign"])), ["new/x", "a/foreign"]);
        assert_eq!(DROPPED.of_the_living(&carried), ["a/foreign", "b/foreign"]);
    }

    #[test]
    fn a_cleaned_primary_keeps_foreign_ones_alone() {
        let carried = names(&["a/foreign", "old/x", "new/x"]);
        assert_eq!(RENAMED.of_the_cleaned(&carried), ["a/foreign"]);
        assert_eq!(DROPPED.of_the_cleaned(&carried), ["a/foreign", "new/x"], "no longer declared, no longer ours");
    }

    #[test]
    fn own_and_former_ones_hold_a_primary_and_foreign_ones_do_not() {
        assert!(RENAMED.hold(&names(&["a/foreign", "new/x"])) && RENAMED.hold(&names(&["older/x"])));
        assert!(DROPPED.hold(&names(&["old/x"])));
        assert!(!RENAMED.hold(&names(&["a/foreign"])) && !DROPPED.hold(&names(&["new/x"])));
        assert!(!Finalizers::default().hold(&names(&["old/x"])));
    }
}
