//! What an object needs to be related to the primary, so that what is written finds its way back.

use std::collections::BTreeMap;

use kube::core::SelectorExt;
use serde_json::{Map, Value, json};

use super::desired::object;
use super::noop::live;
use super::state::RunState;
use crate::core::fingerprint::PRIMARY;
use crate::core::key::Key;
use crate::core::record::Record;
use crate::error::{ObjectName, WriteError};
use crate::kind::KindInfo;
use crate::secondary::{Related, Secondary};

/// The longest value of a label: a name may be longer.
const LABEL: usize = 63;

/// One object that is to be written, beside the primary that it is to be related to.
pub(super) struct Relating<'a> {
    run: &'a RunState,
    index: usize,
    secondary: &'a Secondary,
    primary: &'a Record,
    key: &'a Key,
}

impl<'a> Relating<'a> {
    /// For the secondary at `index`.
    pub(super) fn new(run: &'a RunState, index: usize, primary: &'a Record, key: &'a Key) -> Self {
        let secondary = &run.member.secondaries[index - 1];
        Self { run, index, secondary, primary, key }
    }

    fn kind(&self) -> &KindInfo {
        &self.run.member.kinds[self.index]
    }

    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, WriteError> {
        Err(WriteError::CannotRelate {
            object: ObjectName::new(self.kind(), self.key),
            primary: self.run.primary_name(),
            reason: reason.into(),
        })
    }

    /// Whether what is in that namespace can belong to the primary.
    pub(super) fn allows_namespace(&self) -> Result<(), WriteError> {
        let (home, namespace) = (self.primary.key.namespace(), self.key.namespace());
        if self.kind().namespaced && namespace.is_none() {
            return self.refuse("it needs a namespace, since its primary has none; set `metadata.namespace`");
        }
        match &self.secondary.related {
            _ if home.is_none() || namespace == home => self.is_watched(),
            Related::Owned => self.refuse(
                "owner references do not cross namespaces and the garbage collector would delete it; use the primary's namespace",
            ),
            Related::Label(_) => self.refuse("a label names a primary of its own namespace; use the primary's namespace"),
            Related::Annotation(_) if !self.secondary.cross_namespace => self.refuse(
                "it is in another namespace; use the primary's namespace, or declare `cross_namespace`",
            ),
            _ => self.is_watched(),
        }
    }

    /// Whether the operator sees what is in that namespace at all.
    fn is_watched(&self) -> Result<(), WriteError> {
        let member = &self.run.member;
        if member.shared.world().covers(member.id, self.index, self.key) {
            return Ok(());
        }
        self.refuse("the operator does not watch its namespace; add that to the `namespaces` of the operator")
    }

    /// Adds to the metadata what relates the object to the primary; where nothing can be added, it must be so already.
    pub(super) fn relate(&self, metadata: &mut Map<String, Value>) -> Result<(), WriteError> {
        match &self.secondary.related {
            Related::Owned => self.own(metadata),
            Related::Label(key) => self.label(metadata, key),
            Related::Annotation(key) => {
                object(metadata.entry("annotations").or_insert(Value::Null))
                    .insert((*key).into(), self.reference().into());
                Ok(())
            }
            _ if self.is_related() => Ok(()),
            Related::Reference(_) => {
                self.refuse("the primary does not refer to it; write to the name that it refers to")
            }
            Related::Through(parent) => self.through(metadata, *parent),
            Related::Map(_) => Ok(()),
        }
    }

    /// Whether the run sees the object as one of the primary's.
    fn is_related(&self) -> bool {
        let sight = self.run.sight();
        sight.refers(self.index, self.key) || sight.find(self.index, self.key).is_some()
    }

    /// Adds the owner reference, in place of any other reference to the primary.
    fn own(&self, metadata: &mut Map<String, Value>) -> Result<(), WriteError> {
        own(&self.run.member.kinds[PRIMARY], self.primary, !self.secondary.any_owner, metadata);
        let controllers = metadata.get("ownerReferences").and_then(Value::as_array).into_iter().flatten();
        if controllers.filter(|reference| reference["controller"] == true).count() > 1 {
            return self.refuse("it names another controller; leave `controller` out of the other owner references");
        }
        Ok(())
    }

    fn label(&self, metadata: &mut Map<String, Value>, key: &str) -> Result<(), WriteError> {
        let name = self.primary.key.name();
        if !is_label_value(name) {
            return self.refuse(format!(
                "`{name}` is no valid value of the label `{key}`, which has at most {LABEL} characters and no dot at its ends; give the \
                 primary a shorter name, or relate by `annotation`"
            ));
        }
        object(metadata.entry("labels").or_insert(Value::Null)).insert(key.into(), name.into());
        Ok(())
    }

    /// The primary as an annotation of the object names it.
    fn reference(&self) -> String {
        let primary = &self.primary.key;
        if primary.namespace() == self.key.namespace() || primary.namespace().is_none() {
            primary.name().to_owned()
        } else {
            primary.to_string()
        }
    }

    /// A new object must be owned by something that is the primary's; by which, only the user knows.
    fn through(&self, metadata: &Map<String, Value>, parent: usize) -> Result<(), WriteError> {
        let any = self.secondary.any_owner;
        let counts = |owner: &&Value| any || owner["controller"] == true;
        let owners = metadata.get("ownerReferences").and_then(Value::as_array).into_iter().flatten();
        let uids: Vec<&str> = owners.filter(counts).filter_map(|owner| owner["uid"].as_str()).collect();
        // Owner references do not cross namespaces.
        let namespaced = self.run.member.kinds[parent + 1].namespaced;
        let near = |parent: &Record| !namespaced || parent.key.namespace() == self.key.namespace();
        let owns = |parent: &Record| near(parent) && uids.contains(&parent.uid.to_string().as_str());
        if self.run.sight().view().secondaries[parent].iter().any(|parent| owns(parent)) {
            return Ok(());
        }
        let (parent, owner) = (self.run.member.secondaries[parent].name, if any { "an owner" } else { "a controller" });
        self.refuse(format!(
            "it belongs to none of the primary's `{parent}`; set {owner} reference to one of them that is in its namespace"
        ))
    }

    /// Whether a new object, as a function maps it, will be the primary's. What is applied to an object that there is need not be
    /// all of it.
    pub(super) fn is_mapped(&self, body: &Value) -> Result<(), WriteError> {
        let is_new = self.run.sight().find(self.index, self.key).is_none();
        if is_new { self.maps_to_primary(body) } else { Ok(()) }
    }

    fn maps_to_primary(&self, body: &Value) -> Result<(), WriteError> {
        let sight = self.run.sight();
        let names = |place: usize| {
            let object = (self.kind().decode)(&body.to_string()).ok();
            let naming = &self.run.member.asked[self.index].namings[place];
            object.and_then(|object| naming.in_object(self.key, object.as_ref())).unwrap_or_default()
        };
        let related = sight.will_relate(self.index, names);
        drop(sight);
        if related == Some(false) {
            return self
                .refuse("the function of `map` does not name the primary for it; write what it maps to the primary");
        }
        Ok(())
    }

    /// Whether the watch will show the object: it must be selected. Of its fields, only its name and namespace are known before the
    /// API server has answered.
    pub(super) fn is_selected(&self, body: &Value) -> Result<(), WriteError> {
        if let Some(fields) = self.secondary.fields.filter(|fields| !names_match(fields, self.key)) {
            return self.refuse(format!(
                "its name does not match the declared `fields = \"{fields}\"`; write to a name that it selects"
            ));
        }
        let selector = &self.secondary.selector;
        if selector.selects_all() {
            return Ok(());
        }
        let of = |object: &Value| -> BTreeMap<String, String> {
            serde_json::from_value(object["metadata"]["labels"].clone()).unwrap_or_default()
        };
        let seen = self.run.sight().find(self.index, self.key).cloned();
        let mut labels = seen.and_then(|seen| live(self.kind(), &seen)).map(|live| of(&live)).unwrap_or_default();
        labels.extend(of(body));
        if selector.matches(&labels) {
            return Ok(());
        }
        self.refuse(format!(
            "its labels do not match the declared `selector = \"{selector}\"`; set the labels that it selects"
        ))
    }

    /// Whether an object that is replaced or patched stays the primary's, as it is to be in all.
    pub(super) fn stays(&self, whole: &Value) -> Result<(), WriteError> {
        let labels: BTreeMap<String, String> =
            serde_json::from_value(whole["metadata"]["labels"].clone()).unwrap_or_default();
        if !self.secondary.selector.matches(&labels) {
            let selector = &self.secondary.selector;
            return self.refuse(format!(
                "its labels would not match the declared `selector = \"{selector}\"` any more; keep the labels that it selects"
            ));
        }
        match &self.secondary.related {
            Related::Through(parent) => {
                let none = Map::new();
                self.through(whole["metadata"].as_object().unwrap_or(&none), *parent)
            }
            _ => self.maps_to_primary(whole),
        }
    }

    /// Keeps a merge patch from giving the object away.
    pub(super) fn keep(&self, metadata: &mut Map<String, Value>) -> Result<(), WriteError> {
        let field = match &self.secondary.related {
            Related::Label(_) => "labels",
            Related::Annotation(_) => "annotations",
            _ => "",
        };
        if metadata.get(field).is_some_and(Value::is_null) {
            return self.refuse(format!(
                "a patch that removes all {field} removes the one that relates it, too; set each of the others to null"
            ));
        }
        match &self.secondary.related {
            // The list is replaced as a whole.
            Related::Owned if metadata.contains_key("ownerReferences") => self.own(metadata),
            Related::Label(key) if metadata.get("labels").is_some_and(|labels| labels.get(key).is_some()) => {
                self.label(metadata, key)
            }
            Related::Annotation(key) if metadata.get("annotations").is_some_and(|marks| marks.get(key).is_some()) => {
                self.relate(metadata)
            }
            _ => Ok(()),
        }
    }
}

/// Whether a field selector lets this name and namespace through.
fn names_match(fields: &str, key: &Key) -> bool {
    fields.split(',').all(|requirement| {
        let Some((field, value)) = requirement.split_once('=') else { return true };
        let (field, wanted) = field.strip_suffix('!').map_or((field, true), |field| (field, false));
        let is = match field.trim() {
            "metadata.name" => Some(key.name()),
            "metadata.namespace" => key.namespace(),
            _ => return true,
        };
        // `==` is the same as `=`.
        (is == Some(value.trim_start_matches('='))) == wanted
    })
}

fn own(kind: &KindInfo, primary: &Record, controller: bool, metadata: &mut Map<String, Value>) {
    let uid = primary.uid.to_string();
    let mut reference = json!({
        "apiVersion": kind.api_version(), "kind": kind.kind, "name": primary.key.name(), "uid": uid,
        "blockOwnerDeletion": true,
    });
    if controller {
        reference["controller"] = true.into();
    }
    let mut references = match metadata.remove("ownerReferences") {
        Some(Value::Array(references)) => references,
        _ => Vec::new(),
    };
    // Who owns it together with others may control it, too.
    if let Some(same) = references.iter_mut().find(|reference| reference["uid"] == uid.as_str())
        && !controller
    {
        same["blockOwnerDeletion"] = true.into();
    } else {
        references.retain(|reference| reference["uid"] != uid.as_str());
        references.push(reference);
    }
    metadata.insert("ownerReferences".into(), references.into());
}

/// Whether a name can be the value of a label
/// ([Kubernetes](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set)). Names
/// have no other characters than values may have, but may be longer.
pub(crate) fn is_label_value(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    name.len() <= LABEL && ends(name.chars().next()) && ends(name.chars().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_selector_may_select_names() {
        let key = Key::new(Some("shop"), "web");
        for fields in
            ["metadata.name=web", "metadata.name==web", "metadata.name!=db,metadata.namespace=shop", "type=x", ""]
        {
            assert!(names_match(fields, &key), "{fields}");
        }
        for fields in ["metadata.name=db", "metadata.name!=web", "type=x,metadata.namespace=bank"] {
            assert!(!names_match(fields, &key), "{fields}");
        }
    }

    #[test]
    fn a_long_name_is_no_label_value() {
        assert!(is_label_value("web") && is_label_value(&"x".repeat(63)) && is_label_value("a.b"));
        assert!(!is_label_value(&"x".repeat(64)));
    }
}
