//! An operator as declared and checked: what the expander writes out. It knows nothing of attributes.

use std::time::Duration;

use proc_macro2::Span;
use syn::{Expr, Ident, LitStr, Path, Type, Visibility};

use crate::fields::FieldSelector;
use crate::selector::Requirement;

/// One operator.
#[derive(Debug)]
pub(crate) struct Operator {
    /// The path to the runtime crate.
    pub(crate) krate: Path,
    /// The visibility of the annotated struct, and of everything that is generated.
    pub(crate) vis: Visibility,
    /// What the generated names begin with, and the type that gets the function `operator`.
    pub(crate) prefix: Ident,
    /// Reconcilers of other crates use the context.
    pub(crate) exported: bool,
    pub(crate) primary: Primary,
    pub(crate) status: Status,
    pub(crate) finalizer: Option<LitStr>,
    pub(crate) former_finalizers: Vec<LitStr>,
    pub(crate) resync: Resync,
    pub(crate) timeout: Option<Duration>,
    pub(crate) predicate: Predicate,
    /// What the labels of the primaries must be like; empty for all.
    pub(crate) selector: Vec<Requirement>,
    /// Which objects are primaries: a path or a closure of one argument; none for all.
    pub(crate) filter: Option<Expr>,
    /// In the order of declaration.
    pub(crate) secondaries: Vec<Secondary>,
}

/// The kind that is reconciled.
#[derive(Debug)]
pub(crate) struct Primary {
    pub(crate) ty: Path,
    /// The last segment of its path, for texts.
    pub(crate) kind: String,
    /// Whether the function of a `reference` takes the spec, as most that it needs is there, and not the whole object.
    pub(crate) refers_by_spec: bool,
}

/// What `apply_status` takes.
#[derive(Debug)]
pub(crate) enum Status {
    /// No status is declared: there is no such method.
    Absent,
    /// `#[kube(status = "..")]`.
    Typed(Path),
    /// A kind that is defined elsewhere: whatever its status serializes to.
    Untyped,
}

/// The period of the safety net.
#[derive(Debug)]
pub(crate) enum Resync {
    Default,
    Off,
    Every(Duration),
}

/// What of an object is compared.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "only with the places in texts that spans have in tests")]
pub(crate) enum Predicate {
    /// The default.
    Content,
    /// A word that names a part of every object, or of some.
    Word(PredicateWord, Span),
    /// A path or a closure of one argument.
    Changed(Expr),
    /// At least one, without an `Any` inside. In place of a part with a mistake stands `Content`.
    Any(Vec<Predicate>),
}

/// The predicates that are words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PredicateWord {
    Generation,
    Spec,
    Status,
    Labels,
    Annotations,
    Finalizers,
    OwnerReferences,
    Data,
    ResourceVersion,
}

/// How the objects of a secondary belong to primaries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Relation {
    /// By an owner reference to the primary: that of the controller, or any.
    Owned { any: bool },
    /// By a label with this key.
    Label(String),
    /// By an annotation with this key.
    Annotation(String),
    /// By what the primary names.
    Reference(Reference),
    /// By an owner reference to an object of the secondary at this place: that of the controller, or any.
    Through { parent: usize, any: bool },
    /// By what the path or closure makes of the object.
    Map(Expr),
}

/// Where a primary names the objects that it refers to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reference {
    /// A field of the object; begins with `spec`.
    Field(Expr),
    /// A path or a closure of one argument.
    Function(Expr),
}

/// One secondary resource.
#[derive(Debug)]
pub(crate) struct Secondary {
    pub(crate) ty: Type,
    /// The last segment of its path, for texts.
    pub(crate) kind: String,
    /// The field of the snapshot and the method of the context. Unique.
    pub(crate) name: Ident,
    pub(crate) relation: Relation,
    /// The relation crosses namespaces.
    pub(crate) cross_namespace: bool,
    /// Said by `write`: what is not owned may be written.
    pub(crate) write: bool,
    /// Said by `read_only`: what is owned is made by others.
    pub(crate) read_only: bool,
    /// Said by `ignore_status`: the handler does without the status.
    pub(crate) ignore_status: Option<Span>,
    /// Only the metadata is kept.
    pub(crate) metadata: bool,
    /// The kind may be missing.
    pub(crate) optional: bool,
    /// What the labels must be like; empty for all.
    pub(crate) selector: Vec<Requirement>,
    pub(crate) fields: Option<FieldSelector>,
    pub(crate) one: bool,
    pub(crate) handler: Option<Span>,
    pub(crate) predicate: Predicate,
    /// `None` for the operator's.
    pub(crate) debounce: Option<Debounce>,
    /// Whether an apply takes over the fields of other managers.
    pub(crate) force: bool,
    /// The attribute as the user wrote it.
    pub(crate) source: String,
    /// A mistake leaves open which objects these are: nothing is concluded from the relation and the selectors.
    pub(crate) is_vague: bool,
}

/// How long changes wait for further ones.
#[derive(Debug)]
pub(crate) enum Debounce {
    /// Zero if it is off.
    For(Duration),
    /// As long as this function says of the object.
    By(Box<Expr>),
}

impl Predicate {
    /// The parts of an `any`, or the predicate itself.
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::Any(parts) => parts,
            part => std::slice::from_ref(part),
        }
    }

    /// Whether no status ever matters to it.
    pub(crate) fn is_blind(&self) -> bool {
        self.parts().iter().all(|part| match part {
            Self::Word(word, _) => !matches!(word, PredicateWord::Status | PredicateWord::ResourceVersion),
            Self::Content => true,
            Self::Changed(_) | Self::Any(_) => false,
        })
    }

    /// Whether it looks at a field beside the metadata.
    pub(crate) fn needs_the_object(&self) -> bool {
        matches!(self, Self::Word(word, _) if word.field().is_some())
    }

    /// Whether both are the same word; functions cannot be compared.
    pub(crate) fn is_same_word(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Word(a, _), Self::Word(b, _)) if a == b)
    }
}

impl PredicateWord {
    /// All of them, as the attributes write them.
    pub(crate) const ALL: [(&'static str, Self); 9] = [
        ("generation_changed", Self::Generation),
        ("spec_changed", Self::Spec),
        ("status_changed", Self::Status),
        ("labels_changed", Self::Labels),
        ("annotations_changed", Self::Annotations),
        ("finalizers_changed", Self::Finalizers),
        ("owner_references_changed", Self::OwnerReferences),
        ("data_changed", Self::Data),
        ("resource_version_changed", Self::ResourceVersion),
    ];

    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, word)| *word)
    }

    /// As the attributes write it.
    pub(crate) fn text(self) -> &'static str {
        Self::ALL.iter().find(|(_, word)| *word == self).map_or("", |(text, _)| text)
    }

    /// The field at the top of the object that it compares; `None` for a part of the metadata.
    pub(crate) fn field(self) -> Option<&'static str> {
        match self {
            Self::Spec => Some("spec"),
            Self::Status => Some("status"),
            Self::Data => Some("data"),
            _ => None,
        }
    }
}

impl Relation {
    pub(crate) fn is_owned(&self) -> bool {
        matches!(self, Self::Owned { .. })
    }
}

impl Secondary {
    /// Whether runs may write it: what is owned, and what is opened.
    pub(crate) fn is_written(&self) -> bool {
        !self.metadata && !self.read_only && (self.relation.is_owned() || self.write)
    }

    /// Whether its handler runs for a predicate that never sees the status.
    pub(crate) fn handles_without_status(&self) -> bool {
        self.handler.is_some() && !self.metadata && self.predicate.is_blind()
    }

    /// Whether both look at the same objects, if they are of one kind.
    pub(crate) fn covers_the_same(&self, other: &Self) -> bool {
        (&self.relation, &self.selector, &self.fields, self.metadata)
            == (&other.relation, &other.selector, &other.fields, other.metadata)
    }
}
