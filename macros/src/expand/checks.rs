//! What only types can tell, said in our words and at the token to edit.
//!
//! A path expression, `<Type as Trait>::OK`, gives the shortest message: no "required by a bound in". Equal messages at
//! one place become one, so everything that needs a bound is preceded by the same expression.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::{Names, at, relation};
use crate::model::{Operator, Predicate, PredicateWord, Relation, Secondary};
use crate::naming;

pub(super) fn expand(model: &Operator, names: &Names) -> TokenStream {
    let predicates = predicates_fit(model, names);
    let known = model.secondaries.iter().filter(|secondary| !secondary.is_vague);
    let scopes = known.map(|secondary| scope_fits(model, secondary, names));
    let fields = model.secondaries.iter().map(|secondary| fields_are_selectable(secondary, names));
    let once = declared_once(model);
    let seen = model.secondaries.iter().map(|secondary| status_is_seen(secondary, names));
    quote! {
        #predicates
        #(#seen)*
        #(#scopes)*
        #(#fields)*
        #once
    }
}

/// The place of `span`, but generated: lints leave it alone.
pub(super) fn generated_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Statements that compile if all types are Kubernetes kinds.
pub(super) fn are_kinds(model: &Operator, names: &Names) -> TokenStream {
    let mut checks = is_kind(&primary(model), names);
    checks.extend(model.secondaries.iter().map(|secondary| are_kind(secondary, names)));
    checks
}

/// Statements that compile if the secondary is a Kubernetes kind, and what is kept of it too.
pub(super) fn are_kind(secondary: &Secondary, names: &Names) -> TokenStream {
    let mut check = is_kind(&secondary.ty, names);
    if secondary.metadata {
        check.extend(is_kind(&relation::stored(secondary, names), names));
    }
    check
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
    checks.extend(model.secondaries.iter().map(|secondary| {
        let parts = secondary.predicate.parts().iter();
        // What `metadata` does not keep is a mistake whatever the kind has.
        let left = parts.filter(|part| !secondary.metadata || !part.needs_the_object()).cloned().collect();
        predicate_fits(&secondary.ty, &Predicate::Any(left), names)
    }));
    if checks.is_empty() { checks } else { quote!(const _: () = { #checks };) }
}

fn predicate_fits(ty: &Type, predicate: &Predicate, names: &Names) -> TokenStream {
    let private = &names.private;
    let parts = predicate.parts().iter().map(|part| {
        let (fact, span) = match part {
            Predicate::Word(PredicateWord::Generation, span) => ("HasGeneration", *span),
            Predicate::Word(PredicateWord::Spec, span) => ("HasSpec", *span),
            Predicate::Word(PredicateWord::Status, span) => ("HasStatus", *span),
            Predicate::Word(PredicateWord::Data, span) => ("HasData", *span),
            _ => return TokenStream::new(),
        };
        let fact = format_ident!("{fact}");
        // The alias keeps a type that is not known to its own place.
        let kind = Ident::new("__Kind", span);
        let check = quote_spanned!(generated_at(span)=> let () = <#kind as #private::#fact<_>>::OK;);
        quote!({ type __Kind = #ty; #check })
    });
    parts.collect()
}

/// A handler of its own, and what it is called for never has to do with the status: so a Deployment becomes ready, and nobody
/// is told.
fn status_is_seen(secondary: &Secondary, names: &Names) -> TokenStream {
    let Some(handler) = secondary.handler.filter(|_| secondary.handles_without_status()) else {
        return TokenStream::new();
    };
    let (kind, name) = (&secondary.kind, &secondary.name);
    let chosen = secondary.predicate.parts().iter().find_map(|part| match part {
        Predicate::Word(word, span) => Some((word.text(), *span)),
        _ => None,
    });
    let ignored = secondary.ignore_status.is_some();
    let span = secondary.ignore_status.unwrap_or_else(|| chosen.map_or(handler, |(_, span)| span));
    let (unseen, word) = match chosen {
        Some((word, _)) => (format!("`{word}` does not see it"), word),
        None => ("the content, which is compared by default, is without it".to_owned(), "spec_changed"),
    };
    let ready = match &**kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Pod" => {
            format!("steersman::ready::{}", naming::snake(kind))
        }
        _ => "|object| ..".to_owned(),
    };
    let message = if ignored {
        format!("`{kind}` has no status that could be ignored; remove `ignore_status`")
    } else {
        format!(
            "`reconcile_{name}` is not called when the status of {} changes, as {unseen}; compare what it reads: `predicate = \
             any({word}, changed({ready}))`, or, if it does not read the status, add `ignore_status`",
            naming::with_article(kind)
        )
    };
    let private = at(&names.private, span);
    let known = known_of(&secondary.ty, span, names);
    quote_spanned! {span=>
        const _: () = {
            #known
            if (__Known::HAS_STATUS || __Known::DECLARES_STATUS) != #ignored {
                #private::core::panic!(#message)
            }
        };
    }
}

/// `__Known`, with what is known of a type as its constants.
pub(super) fn known_of(ty: &Type, span: Span, names: &Names) -> TokenStream {
    let private = at(&names.private, span);
    // Where the type itself has all of them, the trait is not used. The alias keeps a type that is not known to its own place, where
    // that is said.
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #private::AnyType as _;
        type __Kind = #ty;
        type __Known = #private::TypeOf<__Kind>;
    }
}

/// What is in no namespace cannot be tied to what is in one by a name without namespace, nor by an owner reference: the
/// garbage collector would delete it.
fn scope_fits(model: &Operator, secondary: &Secondary, names: &Names) -> TokenStream {
    let ty = &secondary.ty;
    let (primary, kind) = (&model.primary.kind, &secondary.kind);
    let by = self::primary(model);
    let (owner, message) = match &secondary.relation {
        Relation::Owned { .. } => (
            &by,
            format!(
                "`{kind}` is cluster-scoped and cannot be owned by the namespaced `{primary}`; make the primary cluster-scoped, \
                 without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
            ),
        ),
        Relation::Label(key) => (
            &by,
            format!(
                "`{kind}` is cluster-scoped, and the label `{key}` has no room for the namespace of {}; write `annotation = \
                 \"{key}\", cross_namespace`, whose value is `namespace/name`",
                naming::with_article(primary)
            ),
        ),
        Relation::Annotation(_) if !secondary.cross_namespace => (
            &by,
            format!(
                "`{kind}` is cluster-scoped, so its annotation has to name the namespace of {} too; add `cross_namespace`, by \
                 which its value is `namespace/name`",
                naming::with_article(primary)
            ),
        ),
        Relation::Through { parent, .. } => {
            let Some(parent) = model.secondaries.get(*parent) else { return TokenStream::new() };
            let message = format!(
                "`{kind}` is cluster-scoped and cannot be owned by the namespaced `{}`; relate it to the primary, or remove this \
                 secondary",
                parent.kind
            );
            (&parent.ty, message)
        }
        Relation::Annotation(_) | Relation::Reference(_) | Relation::Map(_) => return TokenStream::new(),
    };
    let private = at(&names.private, ty.span());
    // With the plain span of the type: the caret of a failed evaluation leaves generated code.
    quote_spanned! {ty.span()=>
        const _: () = if <#owner as #private::Kind>::NAMESPACED && !<#ty as #private::Kind>::NAMESPACED {
            #private::core::panic!(#message)
        };
    }
}

/// Each field of a selector is one that the API server can select the kind by, as far as that is known. Of a `metadata`
/// secondary too: what is sent makes no difference.
fn fields_are_selectable(secondary: &Secondary, names: &Names) -> TokenStream {
    let Some(fields) = &secondary.fields else { return TokenStream::new() };
    let (ty, kind) = (&secondary.ty, &secondary.kind);
    let attribute = format!("fields = {}", fields.literal.token());
    let span = fields.literal.span();
    let private = at(&names.private, span);
    let refusal = Ident::new("refusal", generated_at(span));
    let known = known_of(ty, span, names);
    let checks = fields.paths().into_iter().map(|path| {
        // With the plain span of the literal: the caret of a failed evaluation leaves generated code.
        quote_spanned! {span=>
            const _: () = {
                #known
                if let #private::core::option::Option::Some(#refusal) =
                    &#private::Refusal::new(__Known::SELECTABLE, #kind, #attribute, #path)
                {
                    #private::core::panic!("{}", #refusal.text())
                }
            };
        }
    });
    checks.collect()
}

/// Two names of one type are two implementations of one trait. The macro sees the same name twice, but not aliases. A kind may
/// come again with another relation or selector, so each of these has a trait of its own.
fn declared_once(model: &Operator) -> TokenStream {
    let mut groups: Vec<Vec<&Secondary>> = Vec::new();
    for secondary in model.secondaries.iter().filter(|secondary| !secondary.is_vague) {
        match groups.iter_mut().find(|group| group[0].covers_the_same(secondary)) {
            Some(group) => group.push(secondary),
            None => groups.push(vec![secondary]),
        }
    }
    let groups = groups.iter().filter(|group| group.len() > 1).map(|group| {
        let impls = group.iter().map(|Secondary { ty, .. }| {
            // The block as well: the caret covers it.
            let block = quote_spanned!(ty.span()=> {});
            quote_spanned!(ty.span()=> impl EachNeedsAnotherRelationOrSelector for #ty #block)
        });
        quote! {
            const _: () = {
                // Nobody uses it: its implementations alone are compared.
                #[allow(dead_code)]
                trait EachNeedsAnotherRelationOrSelector {}
                #(#impls)*
            };
        }
    });
    groups.collect()
}
