//! The attributes as they are written: syntax alone, no rule that needs two of them.

mod function;
mod item;
mod kube;
mod operator;
mod predicate;
mod relation;
mod secondary;
mod source;

use syn::DeriveInput;

pub(crate) use self::kube::KubeAttr;
pub(crate) use self::operator::{OperatorAttr, PrimaryAttr, Resync};
pub(crate) use self::relation::RelationValue;
pub(crate) use self::secondary::SecondaryAttr;
use crate::problems::Problems;

/// All attributes of one struct.
#[derive(Debug)]
pub(crate) struct Attrs {
    /// `None` if there is no `#[kube(..)]`.
    pub(crate) kube: Option<KubeAttr>,
    pub(crate) operator: OperatorAttr,
    /// In the order of declaration.
    pub(crate) secondaries: Vec<SecondaryAttr>,
}

impl Attrs {
    /// Reads what can be read; the rest becomes problems.
    pub(crate) fn read(input: &DeriveInput, problems: &mut Problems) -> Self {
        let mut operator = OperatorAttr::default();
        let mut secondaries = Vec::new();
        for attr in &input.attrs {
            if attr.path().is_ident("operator") {
                operator.read(attr, problems);
            } else if attr.path().is_ident("secondary") {
                secondaries.extend(SecondaryAttr::read(attr, problems));
            }
        }
        Self { kube: KubeAttr::read(input), operator, secondaries }
    }
}
