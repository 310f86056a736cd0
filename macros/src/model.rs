//! An operator as declared and checked: what the expander writes out. It knows nothing of attributes.

use std::time::Duration;

use proc_macro2::Span;
use syn::{Expr, Ident, LitStr, Path, Type, Visibility};

/// One operator.
#[derive(Debug)]
pub(crate) struct Operator {
    /// The path to the runtime crate.
    pub(crate) krate: Path,
    /// The visibility of the annotated struct, and of everything that is generated.
    pub(crate) vis: Visibility,
    /// What the generated names begin with, and the type that gets the function `operator`.
    pub(crate) prefix: Ident,
    pub(crate) primary: Primary,
    pub(crate) status: Status,
    pub(crate) finalizer: Option<LitStr>,
    pub(crate) former_finalizers: Vec<LitStr>,
    pub(crate) resync: Resync,
    pub(crate) timeout: Option<Duration>,
    pub(crate) predicate: Predicate,
    /// In the order of declaration.
    pub(crate) secondaries: Vec<Secondary>,
}

/// The kind that is reconciled.
#[derive(Debug)]
pub(crate) struct Primary {
    pub(crate) ty: Path,
    /// The last segment of its path, for texts.
    pub(crate) kind: String,
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
pub(crate) enum Predicate {
    /// The default.
    Content,
    /// With the span of the word.
    Generation(Span),
    /// With the span of the word.
    Spec(Span),
    ResourceVersion,
    /// A path or a closure of one argument.
    Changed(Expr),
    /// Without an `Any` inside.
    Any(Vec<Predicate>),
}

/// One secondary resource, owned by the primary.
#[derive(Debug)]
pub(crate) struct Secondary {
    pub(crate) ty: Type,
    /// The last segment of its path, for texts.
    pub(crate) kind: String,
    /// The field of the snapshot and the method of the context. Unique.
    pub(crate) name: Ident,
    pub(crate) one: bool,
    pub(crate) handler: Option<Span>,
    pub(crate) predicate: Predicate,
    /// Zero if it is off, `None` for the operator's.
    pub(crate) debounce: Option<Duration>,
    /// Whether an apply takes over the fields of other managers.
    pub(crate) force: bool,
    /// The attribute as the user wrote it.
    pub(crate) source: String,
}

impl Predicate {
    /// The parts of an `any`, or the predicate itself.
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::Any(parts) => parts,
            part => std::slice::from_ref(part),
        }
    }

    /// Whether both are the same word; functions cannot be compared.
    pub(crate) fn is_same_word(&self, other: &Self) -> bool {
        !matches!(self, Self::Changed(_) | Self::Any(_))
            && std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}
