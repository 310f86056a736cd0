//! How a secondary finds its primaries.

use super::key::{Key, Uid};
use super::raw::Owner;
use crate::kind::KindInfo;

/// The relation `owned`: a controller reference to a primary of this group and kind. The version may differ, as it does
/// after an upgrade of a CRD; the uid decides, as it does for the garbage collector.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    group: Box<str>,
    kind: Box<str>,
    namespaced: bool,
}

impl Owned {
    /// Owned by this primary kind.
    pub(crate) fn by(primary: &KindInfo) -> Self {
        Self { group: (*primary.group).into(), kind: (*primary.kind).into(), namespaced: primary.namespaced }
    }

    /// The uid of the primary that owners like these point to, which may or may not exist.
    pub(crate) fn primary(&self, owners: &[Owner]) -> Option<Uid> {
        let controller = owners.iter().find(|owner| owner.controller)?;
        (controller.group == self.group && controller.kind == self.kind).then_some(controller.uid)
    }

    /// Owner references do not cross namespaces: the API server takes such an object and the garbage collector deletes
    /// it. It is nobody's.
    pub(crate) fn allows(&self, primary: &Key, secondary: &Key) -> bool {
        !self.namespaced || primary.namespace() == secondary.namespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(group: &str, kind: &str, controller: bool) -> Owner {
        Owner { uid: Uid(7), group: group.into(), kind: kind.into(), controller }
    }

    fn owned() -> Owned {
        Owned { group: "demo.steersman.dev".into(), kind: "WebApp".into(), namespaced: true }
    }

    #[test]
    fn only_a_controller_of_the_same_group_and_kind_is_the_primary() {
        assert_eq!(owned().primary(&[owner("demo.steersman.dev", "WebApp", true)]), Some(Uid(7)));
        assert_eq!(owned().primary(&[owner("demo.steersman.dev", "WebApp", false)]), None);
        assert_eq!(owned().primary(&[owner("other.dev", "WebApp", true)]), None);
        assert_eq!(owned().primary(&[owner("demo.steersman.dev", "Website", true)]), None);
    }

    #[test]
    fn a_second_owner_does_not_hide_the_controller() {
        let owners = [owner("apps", "Deployment", false), owner("demo.steersman.dev", "WebApp", true)];
        assert_eq!(owned().primary(&owners), Some(Uid(7)));
    }

    #[test]
    fn an_owner_in_another_namespace_is_none() {
        assert!(owned().allows(&Key::new(Some("a"), "x"), &Key::new(Some("a"), "y")));
        assert!(!owned().allows(&Key::new(Some("a"), "x"), &Key::new(Some("b"), "y")));
    }
}
