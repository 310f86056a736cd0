//! What is generated beside errors, in addition to the items: mentions of what only the faulty attributes name, so that its
//! imports are not unused.

use proc_macro2::TokenStream;
use quote::quote;

use syn::{Expr, ExprPath};

use crate::attrs::{Attrs, RelationValue};
use crate::model::{Operator, Predicate, Reference, Relation};

/// Uses the types that the attributes name, as some do not make it into the model: their imports are not unused.
pub(crate) fn mention(attrs: &Attrs) -> TokenStream {
    let secondaries = attrs.secondaries.iter().map(|secondary| &secondary.ty);
    let primary = attrs.operator.primary.iter().filter_map(|primary| primary.path.as_ref());
    quote! {
        const _: () = {
            #(let _: ::core::marker::PhantomData<#secondaries>;)*
            #(let _: ::core::marker::PhantomData<#primary>;)*
        };
    }
}

/// The functions that the attributes give by a path; what closures use cannot be told from what they define.
pub(crate) fn functions(attrs: &Attrs) -> Vec<ExprPath> {
    let predicates = attrs.secondaries.iter().filter_map(|secondary| secondary.predicate.as_ref());
    let changed = predicates.chain(&attrs.operator.predicate).flat_map(in_predicate);
    let values = attrs.secondaries.iter().flat_map(|secondary| &secondary.relations).map(|relation| &relation.value);
    let related = values.filter_map(|value| match value {
        Some(
            RelationValue::Reference(Reference::Function(Expr::Path(path))) | RelationValue::Map(Expr::Path(path)),
        ) => Some(path),
        _ => None,
    });
    changed.chain(related).cloned().collect()
}

fn in_predicate(predicate: &Predicate) -> impl Iterator<Item = &ExprPath> {
    predicate.parts().iter().filter_map(|part| match part {
        Predicate::Changed(Expr::Path(path)) => Some(path),
        _ => None,
    })
}

/// Uses the imports behind the functions that have not made it into the model. As imports themselves, since a mention as a
/// value would ask for the types of a generic function.
pub(crate) fn mention_functions(functions: &[ExprPath], model: Option<&Operator>) -> TokenStream {
    let of_model = model.map(in_model).unwrap_or_default();
    let left_out = functions.iter().filter(|function| !of_model.contains(function));
    let imports = left_out.filter_map(|function| {
        let first = &function.path.segments.first()?.ident;
        let is_name = function.path.leading_colon.is_none() && function.qself.is_none();
        (is_name && !["crate", "self", "super", "Self"].iter().any(|word| first == word)).then_some(first)
    });
    // The import by which the user has it is used, and this one by nobody.
    quote! {
        const _: () = {
            #(#[allow(unused_imports)] use #imports as _;)*
        };
    }
}

fn in_model(model: &Operator) -> Vec<&ExprPath> {
    let predicates = model.secondaries.iter().map(|secondary| &secondary.predicate).chain([&model.predicate]);
    let related = model.secondaries.iter().filter_map(|secondary| match &secondary.relation {
        Relation::Reference(Reference::Function(Expr::Path(path))) | Relation::Map(Expr::Path(path)) => Some(path),
        _ => None,
    });
    predicates.flat_map(in_predicate).chain(related).collect()
}
