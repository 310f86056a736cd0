//! The closed lists of words that the attributes know, and help for those they do not know.

/// What `#[operator(..)]` knows.
pub(crate) const OPERATOR: Words = Words {
    place: "an item of `#[operator(..)]`",
    usage: ["#[operator(", ")]"],
    known: &[
        ("finalizer", "finalizer = \"demo.example.com/cleanup\""),
        ("former_finalizers", "former_finalizers = [\"old.example.com/cleanup\"]"),
        ("resync", "resync = \"30m\""),
        ("timeout", "timeout = \"5m\""),
        ("predicate", "predicate = spec_changed"),
        ("selector", "selector = \"app = web\""),
        ("filter", "filter = |object| .."),
        ("primary", "primary = \"Gateway\""),
        ("exported", "exported"),
        ("crate", "crate = ::steersman"),
    ],
    foreign: &[
        ("finalizers", "an operator has one finalizer: `finalizer = \"<domain>/<name>\"`"),
        ("old_finalizers", FORMER_FINALIZERS),
        ("previous_finalizers", FORMER_FINALIZERS),
        (
            "debounce",
            "it is said of each secondary: `#[secondary(Deployment, debounce = \"100ms\")]`; for all of them, and the \
                      primary, it is the method `debounce` of the `OperatorBuilder`",
        ),
        ("label_selector", SELECTOR),
        ("labelSelector", SELECTOR),
        ("labels", SELECTOR),
        ("namespace", NAMESPACES),
        ("namespaces", NAMESPACES),
        ("cluster_wide", NAMESPACES),
        ("watch_namespace", NAMESPACES),
        ("status", "the type of the status is said to kube: `#[kube(status = \"WebAppStatus\")]`"),
        ("namespaced", "the scope of the primary is said to kube: `#[kube(.., namespaced)]`"),
        ("group", "the group of the primary is said to kube: `#[kube(group = \"..\")]`"),
        ("version", "the version of the primary is said to kube: `#[kube(version = \"..\")]`"),
        ("concurrency", "how many runs there are at once is the method `concurrency` of the `Manager`"),
        ("max_concurrent_reconciles", "how many runs there are at once is the method `concurrency` of the `Manager`"),
        ("field_manager", "the name under which it writes is the method `field_manager` of the `OperatorBuilder`"),
        (
            "index",
            "what the primary refers to is said of each secondary: `#[secondary(Secret, reference = spec.secret_name)]`",
        ),
        ("on_change", "what of the primary is compared is `predicate = ..`"),
        ("event_filter", "what of the primary is compared is `predicate = ..`"),
        ("predicates", "what of the primary is compared is `predicate = any(..)`"),
        ("kind", "the primary resource is `primary = \"..\"`"),
        ("for", "the primary resource is `primary = \"..\"`"),
        ("owns", "each owned kind has an attribute of its own: `#[secondary(Deployment)]`"),
        ("watches", "each watched kind has an attribute of its own: `#[secondary(Deployment)]`"),
        ("secondary", "each secondary has an attribute of its own: `#[secondary(Deployment)]`"),
        ("secondaries", "each secondary has an attribute of its own: `#[secondary(Deployment)]`"),
        ("requeue", "the periodic safety net is `resync = \"30m\"`"),
        ("interval", "the periodic safety net is `resync = \"30m\"`"),
        ("max_reconciliation_interval", "the periodic safety net is `resync = \"30m\"`"),
    ],
};

/// What `#[secondary(Type, ..)]` knows behind the type.
pub(crate) const SECONDARY: Words = Words {
    place: "an item of `#[secondary(..)]`",
    usage: ["#[secondary(Deployment, ", ")]"],
    known: &[
        ("owned", "owned"),
        ("label", "label = \"app.kubernetes.io/instance\""),
        ("annotation", "annotation = \"demo.example.com/part-of\""),
        ("reference", "reference = spec.secret_name"),
        ("through", "through = ReplicaSet"),
        ("map", "map = |object| .."),
        ("one", "one"),
        ("name", "name = tls"),
        ("handler", "handler"),
        ("predicate", "predicate = spec_changed"),
        ("debounce", "debounce = \"100ms\""),
        ("selector", "selector = \"app = web\""),
        ("fields", "fields = \"status.phase=Running\""),
        ("metadata", "metadata"),
        ("optional", "optional"),
        ("write", "write"),
        ("read_only", "read_only"),
        ("force", "force = false"),
        ("cross_namespace", "cross_namespace"),
        ("unbounded", "unbounded"),
        ("ignore_status", "ignore_status"),
    ],
    foreign: &[
        ("filter", "what of the object is compared is `predicate = ..`"),
        ("event_filter", "what of the object is compared is `predicate = ..`"),
        ("on_update_filter", "what of the object is compared is `predicate = ..`; it never hides an add or a delete"),
        ("on_add_filter", "creations always wake the operator; remove it"),
        ("on_delete_filter", "deletions always wake the operator; remove it"),
        ("predicates", "several predicates are `predicate = any(..)`"),
        ("owns", "`owned` is the default; remove it"),
        ("owner", "`owned` is the default; remove it"),
        ("controller", "`owned` is the default; remove it"),
        ("owner_reference", "`owned` is the default; remove it"),
        ("match_every_owner", "any owner reference, and not the controller's alone, is `owned = any`"),
        ("watches", "what is not owned names its relation: `label`, `annotation`, `reference`, `through` or `map`"),
        ("relation", "a relation is its word alone: `label = \"..\"`, `reference = ..`, `through = ..`"),
        ("label_selector", SELECTOR),
        ("labelSelector", SELECTOR),
        (
            "labels",
            "which objects are watched is `selector = \"app = web\"`; that a label names the primary is `label = \"..\"`",
        ),
        ("field_selector", FIELDS),
        ("fieldSelector", FIELDS),
        ("annotations", "that an annotation names the primary is `annotation = \"..\"`"),
        ("namespace", NAMESPACES),
        ("namespaces", NAMESPACES),
        ("cluster_wide", NAMESPACES),
        ("all_namespaces", NAMESPACES),
        ("via", "what is owned by another secondary is `through = ..`"),
        ("child_of", "what is owned by another secondary is `through = ..`"),
        ("on_change", "what of the object is compared is `predicate = ..`"),
        ("by", "what is owned by another secondary is `through = ..`"),
        ("parent", "what is owned by another secondary is `through = ..`"),
        ("mapper", MAP),
        ("map_func", MAP),
        ("map_fn", MAP),
        ("secondary_to_primary", MAP),
        ("ref", REFERENCE),
        ("refs", REFERENCE),
        ("references", REFERENCE),
        ("index", REFERENCE),
        ("index_field", REFERENCE),
        ("primary_to_secondary", REFERENCE),
        ("path", REFERENCE),
        ("readonly", READ_ONLY),
        ("observe", READ_ONLY),
        ("observed", READ_ONLY),
        ("unmanaged", READ_ONLY),
        ("writable", "what is not owned is opened by `write`"),
        ("partial", METADATA),
        ("only_metadata", METADATA),
        ("metadata_only", METADATA),
        ("if_present", "a kind that may be missing is `optional`"),
        ("activation", "a kind that may be missing is `optional`"),
        ("unfiltered", "a `map` over all objects of a kind is `unbounded`"),
        ("single", "at most one object per primary is `one`"),
        ("many", "several objects per primary is the default; remove it"),
        ("list", "several objects per primary is the default; remove it"),
        ("field", "the field of the snapshot is `name = ..`"),
        ("rename", "the field of the snapshot is `name = ..`"),
        ("as", "the field of the snapshot is `name = ..`"),
        ("split", "a method of its own is `handler`"),
        ("reconciler", "a method of its own is `handler`"),
        ("force_conflicts", "whether fields of other managers are taken over is `force = ..`"),
        ("force_ownership", "whether fields of other managers are taken over is `force = ..`"),
        ("delay", DEBOUNCE),
        ("throttle", DEBOUNCE),
        ("batch", DEBOUNCE),
    ],
};

/// What `predicate = ..` knows.
pub(crate) const PREDICATE: Words = Words {
    place: "a predicate",
    usage: ["predicate = ", ""],
    known: &[
        ("generation_changed", "generation_changed"),
        ("spec_changed", "spec_changed"),
        ("status_changed", "status_changed"),
        ("labels_changed", "labels_changed"),
        ("annotations_changed", "annotations_changed"),
        ("finalizers_changed", "finalizers_changed"),
        ("owner_references_changed", "owner_references_changed"),
        ("data_changed", "data_changed"),
        ("resource_version_changed", "resource_version_changed"),
        ("changed", "changed(|object| ..)"),
        ("any", "any(spec_changed, changed(|object| ..))"),
    ],
    foreign: &[
        ("generation", "write `generation_changed`"),
        ("generation_aware", "write `generation_changed`"),
        ("GenerationChangedPredicate", "write `generation_changed`"),
        ("GenerationChanged", "write `generation_changed`"),
        ("ResourceVersionChangedPredicate", "write `resource_version_changed`"),
        ("resource_version", "write `resource_version_changed`"),
        ("spec", "write `spec_changed`"),
        ("status", "write `status_changed`, or name the fields that matter: `changed(|object| ..)`"),
        ("labels", "write `labels_changed`"),
        ("label", "write `labels_changed`"),
        ("annotation", "write `annotations_changed`"),
        ("finalizer", "write `finalizers_changed`"),
        ("label_changed", "write `labels_changed`"),
        ("LabelChangedPredicate", "write `labels_changed`"),
        ("annotations", "write `annotations_changed`"),
        ("annotation_changed", "write `annotations_changed`"),
        ("AnnotationChangedPredicate", "write `annotations_changed`"),
        ("finalizers", "write `finalizers_changed`"),
        ("owner_references", "write `owner_references_changed`"),
        ("data", "write `data_changed`"),
        ("Funcs", "creations and deletions always count; what of the object is compared is `changed(|object| ..)`"),
        ("combine", "write `any(..)`"),
        ("fallback", "write `any(..)`"),
        ("content", "the content is the default; leave `predicate` out"),
        ("default", "the content is the default; leave `predicate` out"),
        ("or", "write `any(..)`"),
        ("Or", "write `any(..)`"),
    ],
};

const FORMER_FINALIZERS: &str = "finalizers of earlier releases are `former_finalizers = [\"<domain>/<name>\"]`";
const DEBOUNCE: &str = "how long changes wait for further ones is `debounce = \"100ms\"`";
const SELECTOR: &str = "which objects are watched is `selector = \"app = web\"`";
const FIELDS: &str = "which objects are watched is `fields = \"status.phase=Running\"`";
const NAMESPACES: &str =
    "which namespaces are watched is said when the operator is started: `OperatorBuilder::namespaces`; remove it";
const READ_ONLY: &str = "what is owned and made by others is `read_only`; what is not owned is read only by default";
const MAP: &str = "the function from an object to its primaries is `map = ..`";
const REFERENCE: &str = "what the primary refers to is `reference = spec.secret_name`, or `reference = |spec| ..`";
const METADATA: &str = "a secondary of which only the metadata is kept is `metadata`";

/// All of them, in the order in which a word is looked for elsewhere.
const ALL: [&Words; 3] = [&OPERATOR, &SECONDARY, &PREDICATE];

/// One closed list.
#[derive(Debug)]
pub(crate) struct Words {
    /// What a word of this list is.
    place: &'static str,
    /// What stands before and behind it.
    usage: [&'static str; 2],
    /// The words themselves, with an example of each.
    known: &'static [(&'static str, &'static str)],
    /// Words that people bring along from elsewhere, with what to write instead.
    foreign: &'static [(&'static str, &'static str)],
}

impl Words {
    /// The words themselves.
    pub(crate) fn known(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().map(|(word, _)| *word)
    }

    pub(crate) fn knows(&self, word: &str) -> bool {
        self.known().any(|known| known == word)
    }

    /// The words of [`Words::foreign`] alone.
    #[cfg(test)]
    pub(crate) fn foreign_words(&self) -> impl Iterator<Item = &'static str> {
        self.foreign.iter().map(|(word, _)| *word)
    }

    /// Why `word` is refused, and the remedy.
    pub(crate) fn refuse(&self, word: &str) -> String {
        let place = self.place;
        let foreign =
            |words: &Words| words.foreign.iter().find(|(foreign, _)| *foreign == word).map(|(_, remedy)| *remedy);
        let elsewhere = || ALL.into_iter().filter(|words| words.place != place);
        if let Some(remedy) = foreign(self) {
            return format!("`{word}` is not {place}; {remedy}");
        }
        if let Some(usage) = elsewhere().find_map(|words| words.usage(word)) {
            return format!("`{word}` is not {place}; write `{usage}`");
        }
        if let Some(near) = self.nearest(word) {
            return format!("`{word}` is not {place}; did you mean `{near}`?");
        }
        // What is taken for an item may be a predicate of another framework, but an item is never taken for a predicate.
        if let Some(remedy) = foreign(&PREDICATE).and_then(|remedy| remedy.strip_prefix("write `")) {
            return format!("`{word}` is not {place}; write `predicate = {remedy}");
        }
        if place == SECONDARY.place && word.starts_with(char::is_uppercase) {
            return format!(
                "`{word}` is another kind, and each has an attribute of its own; write `#[secondary({word})]` for it"
            );
        }
        let begun: Vec<_> =
            self.known().filter(|known| known.starts_with(word)).map(|known| format!("`{known}`")).collect();
        if !begun.is_empty() {
            return format!("`{word}` is not {place}; write one of {}", begun.join(", "));
        }
        format!("`{word}` is not {place}; it knows {}", self.list())
    }

    /// Whether people bring this word along from elsewhere.
    pub(crate) fn translates(&self, word: &str) -> bool {
        self.foreign.iter().any(|(foreign, _)| *foreign == word)
    }

    /// The word of this list that a word of another framework stands for, or the word itself.
    pub(crate) fn meant(&self, word: &str) -> Option<String> {
        if self.knows(word) {
            return Some(word.to_owned());
        }
        let (_, remedy) = self.foreign.iter().find(|(foreign, _)| *foreign == word)?;
        let meant = remedy.strip_prefix("write `")?.split('`').next()?;
        self.knows(meant).then(|| meant.to_owned())
    }

    /// All words, for a text.
    pub(crate) fn list(&self) -> String {
        let known: Vec<_> = self.known().map(|word| format!("`{word}`")).collect();
        known.join(", ")
    }

    /// How a word of this list is written in its place.
    fn usage(&self, word: &str) -> Option<String> {
        let (_, example) = self.known.iter().find(|(known, _)| *known == word)?;
        let [before, behind] = self.usage;
        Some(format!("{before}{example}{behind}"))
    }

    fn nearest(&self, word: &str) -> Option<&'static str> {
        nearest(&word.to_lowercase(), self.known())
    }
}

/// The one of `known` that `word` looks most like, if it looks like any.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.8;
    let similarity = |known: &str| strsim::jaro_winkler(word, known);
    let near = known.filter(|known| similarity(known) > NEAR);
    near.max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_named() {
        assert_eq!(
            OPERATOR.refuse("finaliser"),
            "`finaliser` is not an item of `#[operator(..)]`; did you mean `finalizer`?"
        );
        assert_eq!(PREDICATE.refuse("Spec_Change"), "`Spec_Change` is not a predicate; did you mean `spec_changed`?");
    }

    #[test]
    fn a_word_of_another_framework_is_translated() {
        assert_eq!(
            PREDICATE.refuse("GenerationChangedPredicate"),
            "`GenerationChangedPredicate` is not a predicate; write `generation_changed`"
        );
    }

    #[test]
    fn anything_else_gets_the_list() {
        assert_eq!(
            SECONDARY.refuse("zzz"),
            "`zzz` is not an item of `#[secondary(..)]`; it knows `owned`, `label`, `annotation`, `reference`, `through`, `map`, \
             `one`, `name`, `handler`, `predicate`, `debounce`, `selector`, `fields`, `metadata`, `optional`, `write`, \
             `read_only`, `force`, `cross_namespace`, `unbounded`, `ignore_status`"
        );
    }

    #[test]
    fn a_word_in_the_wrong_place_is_shown_in_its_own() {
        assert_eq!(
            SECONDARY.refuse("resync"),
            "`resync` is not an item of `#[secondary(..)]`; write `#[operator(resync = \"30m\")]`"
        );
        assert_eq!(
            OPERATOR.refuse("handler"),
            "`handler` is not an item of `#[operator(..)]`; write `#[secondary(Deployment, handler)]`"
        );
        assert_eq!(
            SECONDARY.refuse("spec_changed"),
            "`spec_changed` is not an item of `#[secondary(..)]`; write `predicate = spec_changed`"
        );
        assert_eq!(
            SECONDARY.refuse("GenerationChangedPredicate"),
            "`GenerationChangedPredicate` is not an item of `#[secondary(..)]`; write `predicate = generation_changed`"
        );
    }

    #[test]
    fn a_foreign_word_is_none_of_ours() {
        for words in [OPERATOR, SECONDARY, PREDICATE] {
            assert!(words.foreign.iter().all(|(word, _)| !words.knows(word)));
        }
    }
}
