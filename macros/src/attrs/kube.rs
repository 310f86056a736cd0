//! What `#[kube(..)]` says about the kind. `#[derive(CustomResource)]` checks that attribute; here nothing is reported,
//! so that no mistake is reported twice.

use darling::FromDeriveInput;
use darling::util::Flag;
use syn::{DeriveInput, Ident, LitStr, Path};

/// Each item on its own may be wrong.
type Lenient<T> = Option<darling::Result<T>>;

#[derive(FromDeriveInput)]
#[darling(attributes(kube), allow_unknown_fields)]
struct Raw {
    #[darling(default)]
    kind: Lenient<LitStr>,
    #[darling(default)]
    root: Lenient<LitStr>,
    #[darling(default)]
    status: Lenient<Path>,
    #[darling(default)]
    no_spec: Flag,
}

/// The part of `#[kube(..)]` that matters here.
#[derive(Debug)]
pub(crate) struct KubeAttr {
    /// The struct that `#[derive(CustomResource)]` writes; `None` if the attribute does not say it in a readable way.
    pub(crate) root: Option<Ident>,
    /// The type of the status.
    pub(crate) status: Option<Path>,
    /// Whether a status is declared, readable or not; a guess in favour of it if nothing is readable.
    pub(crate) has_status: bool,
    /// The fields of the spec stand at the top level of the object.
    pub(crate) no_spec: bool,
}

impl KubeAttr {
    pub(crate) fn read(input: &DeriveInput) -> Option<Self> {
        input.attrs.iter().find(|attr| attr.path().is_ident("kube"))?;
        let Ok(raw) = Raw::from_derive_input(input) else {
            return Some(Self { root: None, status: None, has_status: true, no_spec: false });
        };
        let name = raw.root.and_then(Result::ok).or_else(|| raw.kind.and_then(Result::ok));
        let root = name.and_then(|name| name.parse().ok());
        let has_status = raw.status.is_some();
        Some(Self { root, status: raw.status.and_then(Result::ok), has_status, no_spec: raw.no_spec.is_present() })
    }
}
