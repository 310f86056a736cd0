//! What only types can tell, said in our words and at the token to edit.
//!
//! A path expression, `<Type as Trait>::OK`, gives the shortest message: no "required by a bound in". Equal messages at
//! one place become one, so everything that needs a bound is preceded by the same expression.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::{Names, at};
use crate::model::{Operator, Predicate, Secondary};

pub(super) fn expand(model: &Operator) -> TokenStream {
    let names = Names::new(model);
    let predicates = predicates_fit(model, &names);
    let scopes = model.secondaries.iter().map(|secondary| can_be_owned(model, secondary, &names));
    let once = declared_once(model);
    quote! {
        #predicates
        #(#scopes)*
        #once
    }
}

/// The place of `span`, but generated: lints leave it alone.
pub(super) fn generated_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Statements that compile if all types are Kubernetes kinds.
pub(super) fn are_kinds(model: &Operator, names: &Names) -> TokenStream {
    let primary = primary(model);
    let kinds = std::iter::once(&primary).chain(model.secondaries.iter().map(|secondary| &secondary.ty));
    kinds.map(|ty| is_kind(ty, names)).collect()
}

pub(super) fn primary(model: &Operator) -> Type {
    let path = &model.primary.ty;
    syn::parse_quote!(#path)
}

/// A statement that compiles if `ty` is a Kubernetes kind.
pub(super) fn is_kind(ty: &Type, names: &Names) -> TokenStream {
    let private = &names.private;
    quote_spanned!(generated_at(ty.span())=> let () = <#ty as #private::Kind>::OK;)
}

/// Each predicate looks at something that its kind has.
fn predicates_fit(model: &Operator, names: &Names) -> TokenStream {
    let primary = primary(model);
    let mut checks = predicate_fits(&primary, &model.predicate, names);
    checks.extend(model.secondaries.iter().map(|s| predicate_fits(&s.ty, &s.predicate, names)));
    if checks.is_empty() { checks } else { quote!(const _: () = { #checks };) }
}

fn predicate_fits(ty: &Type, predicate: &Predicate, names: &Names) -> TokenStream {
    let private = &names.private;
    let parts = predicate.parts().iter().map(|part| {
        let (fact, span) = match part {
            Predicate::Generation(span) => (format_ident!("HasGeneration"), *span),
            Predicate::Spec(span) => (format_ident!("HasSpec"), *span),
            _ => return TokenStream::new(),
        };
        let ty = at(&ty.to_token_stream(), span);
        quote_spanned!(generated_at(span)=> let () = <#ty as #private::#fact<_>>::OK;)
    });
    parts.collect()
}

/// A namespaced object cannot own a cluster-scoped one: the garbage collector would delete it.
fn can_be_owned(model: &Operator, secondary: &Secondary, names: &Names) -> TokenStream {
    let (primary, ty) = (&model.primary.ty, &secondary.ty);
    let private = at(&names.private, ty.span());
    let (owner, kind) = (&model.primary.kind, &secondary.kind);
    let message = format!(
        "`{kind}` is cluster-scoped and cannot be owned by the namespaced `{owner}`; make the primary cluster-scoped, or remove \
         this secondary"
    );
    // With the plain span of the type: the caret of a failed evaluation leaves generated code.
    quote_spanned! {ty.span()=>
        const _: () = if <#primary as #private::Kind>::NAMESPACED && !<#ty as #private::Kind>::NAMESPACED {
            #private::core::panic!(#message)
        };
    }
}

/// Two names of one type are two implementations of one trait. The macro sees the same name twice, but not aliases.
fn declared_once(model: &Operator) -> TokenStream {
    if model.secondaries.len() < 2 {
        return TokenStream::new();
    }
    let impls = model.secondaries.iter().map(|Secondary { ty, .. }| {
        // The block as well: the caret covers it.
        let block = quote_spanned!(ty.span()=> {});
        quote_spanned!(ty.span()=> impl DeclaredOnlyOnce for #ty #block)
    });
    quote! {
        const _: () = {
            #[allow(dead_code)]
            trait DeclaredOnlyOnce {}
            #(#impls)*
        };
    }
}
