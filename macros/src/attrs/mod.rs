//! The attributes as they are written: syntax alone, no rule that needs two of them.

mod function;
mod item;
mod kube;
mod operator;
mod predicate;
mod relation;
mod secondary;
mod source;

use syn::{Attribute, Data, DataEnum, DeriveInput, Fields};

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
        for attr in misplaced(input, problems) {
            // As if it stood where it belongs.
            let ignored = &mut Problems::default();
            if attr.path().is_ident("operator") {
                operator.read(&attr, ignored);
            } else {
                secondaries.extend(SecondaryAttr::read(&attr, ignored));
            }
        }
        Self { kube: KubeAttr::read(input), operator, secondaries }
    }
}

/// The compiler lets them stand anywhere inside of the struct, where nobody would ever read them.
fn misplaced(input: &DeriveInput, problems: &mut Problems) -> Vec<Attribute> {
    let in_variants = |data: &DataEnum| -> Vec<Attribute> {
        let variants = data.variants.iter();
        variants.flat_map(|variant| variant.attrs.iter().chain(of_fields(&variant.fields))).cloned().collect()
    };
    let attrs: Vec<Attribute> = match &input.data {
        Data::Struct(data) => of_fields(&data.fields).cloned().collect(),
        Data::Enum(data) => in_variants(data),
        Data::Union(data) => data.fields.named.iter().flat_map(|field| &field.attrs).cloned().collect(),
    };
    let ours = |attr: &Attribute| ["operator", "secondary"].iter().any(|name| attr.path().is_ident(name));
    let attrs: Vec<_> = attrs.into_iter().filter(ours).collect();
    for attr in &attrs {
        let (source, name) = (source::text(attr), &input.ident);
        problems.at(
            attr.path(),
            format!("`{source}` says something about the operator as a whole, not about a part of `{name}`; move it above `{name}`"),
        );
    }
    attrs
}

fn of_fields(fields: &Fields) -> impl Iterator<Item = &Attribute> {
    fields.iter().flat_map(|field| &field.attrs)
}
