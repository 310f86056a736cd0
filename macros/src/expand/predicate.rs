//! Predicates → the projections that the runtime compares.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::relation;
use crate::model::{Predicate, PredicateWord};

/// The call that sets the predicate; none for the default.
pub(super) fn call(ty: &Type, predicate: &Predicate, private: &TokenStream) -> TokenStream {
    match predicate {
        Predicate::Content => TokenStream::new(),
        predicate => {
            let projection = projection(ty, predicate, private);
            quote!(.predicate(#projection))
        }
    }
}

fn projection(ty: &Type, predicate: &Predicate, private: &TokenStream) -> TokenStream {
    let constructor = match predicate {
        Predicate::Content => quote!(content()),
        Predicate::Word(word, _) => match word {
            PredicateWord::Generation => quote!(generation()),
            PredicateWord::Spec => quote!(spec()),
            PredicateWord::Status => quote!(status()),
            PredicateWord::Labels => quote!(labels()),
            PredicateWord::Annotations => quote!(annotations()),
            PredicateWord::Finalizers => quote!(finalizers()),
            PredicateWord::OwnerReferences => quote!(owner_references()),
            PredicateWord::Data => quote!(data()),
            PredicateWord::ResourceVersion => quote!(resource_version()),
        },
        Predicate::Changed(function) => {
            // Names that the user's closure cannot see.
            let [object, hasher] = ["object", "hasher"].map(|name| Ident::new(name, Span::mixed_site()));
            let taken = relation::take(&quote!(#object), function, private);
            let traits = quote!(ProjectByHash as _, ProjectBySerialize as _, ProjectNothing as _);
            let project = relation::by_kind(&taken, &quote!(project(#hasher)), &traits, function.span(), private);
            quote!(changed::<#ty>(|#object, #hasher| #project))
        }
        Predicate::Any(parts) => {
            let parts = parts.iter().map(|part| projection(ty, part, private));
            quote!(any([#(#parts),*]))
        }
    };
    quote!(#private::Projection::#constructor)
}
