//! What the API server serves in the place of a kind that it does not serve as declared. It is asked only when that is known.

use std::time::Duration;

use kube::Client;
use kube::core::discovery::Scope;
use kube::discovery::ApiGroup;

use crate::kind::KindInfo;

/// The time that the answers may take together.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is served instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// Neither the kind nor its plural, in no version.
    Nothing,
    /// It is in these other versions, the most stable one first.
    In(Vec<String>),
    /// It is under this other plural.
    Named(String),
    /// It is namespaced and was declared as cluster-scoped, or the other way round.
    OtherScope,
}

/// A resource of a group, as discovery lists it.
#[derive(Debug)]
struct Offer {
    version: String,
    kind: String,
    plural: String,
    namespaced: bool,
}

impl Served {
    /// By the resources of the kind's group. `None` if the kind is among them as it was declared.
    fn instead_of(kind: &KindInfo, offers: &[Offer]) -> Option<Self> {
        let here = || offers.iter().filter(|offer| offer.version == kind.version);
        if let Some(offer) = here().find(|offer| offer.plural == kind.plural) {
            return (offer.namespaced != kind.namespaced).then_some(Self::OtherScope);
        }
        if let Some(offer) = here().find(|offer| offer.kind == kind.kind) {
            return Some(Self::Named(offer.plural.clone()));
        }
        let like = offers.iter().filter(|offer| offer.plural == kind.plural || offer.kind == kind.kind);
        let mut versions: Vec<_> = like.map(|offer| offer.version.clone()).collect();
        versions.dedup();
        Some(if versions.is_empty() { Self::Nothing } else { Self::In(versions) })
    }
}

/// Asks what is served instead of a kind. `None` if it is served as declared by now, or nobody can say.
pub(super) async fn look(client: &Client, kind: &KindInfo) -> Option<Served> {
    match tokio::time::timeout(PATIENCE, kube::discovery::group(client, &kind.group)).await {
        Ok(Ok(group)) => Served::instead_of(kind, &offers(&group)),
        // The group is not served at all.
        Ok(Err(kube::Error::Discovery(_))) => Some(Served::Nothing),
        Ok(Err(_)) | Err(_) => None,
    }
}

/// The most stable version comes first.
fn offers(group: &ApiGroup) -> Vec<Offer> {
    let resources = group.versions().flat_map(|version| group.versioned_resources(version));
    let offer = resources.map(|(resource, capabilities)| Offer {
        version: resource.version,
        kind: resource.kind,
        plural: resource.plural,
        namespaced: capabilities.scope == Scope::Namespaced,
    });
    offer.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing;

    fn instead(offers: &[(&str, &str, &str, bool)]) -> Option<Served> {
        let kind = KindInfo { plural: "comets".into(), ..testing::kind("Comet", true) };
        let offer = |&(version, kind, plural, namespaced): &(&str, &str, &str, bool)| Offer {
            version: version.into(),
            kind: kind.into(),
            plural: plural.into(),
            namespaced,
        };
        Served::instead_of(&kind, &offers.iter().map(offer).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_served_instead() {
        assert_eq!(instead(&[]), Some(Served::Nothing));
        assert_eq!(instead(&[("v1", "Star", "stars", true)]), Some(Served::Nothing));
        assert_eq!(instead(&[("v1", "Comet", "comets", true)]), None);
        assert_eq!(instead(&[("v1", "Comet", "comets", false)]), Some(Served::OtherScope));
        assert_eq!(instead(&[("v1", "Comet", "cometes", true)]), Some(Served::Named("cometes".into())));
        let others =
            [("v2", "Comet", "comets", true), ("v1beta1", "Comet", "comets", true), ("v1", "Star", "stars", true)];
        assert_eq!(instead(&others), Some(Served::In(vec!["v2".into(), "v1beta1".into()])));
    }

    #[test]
    fn the_declared_version_counts_first() {
        let offers = [("v2", "Comet", "comets", false), ("v1", "Comet", "comets", true)];
        assert_eq!(instead(&offers), None);
    }
}
