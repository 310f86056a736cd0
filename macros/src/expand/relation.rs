//! How a secondary is related: in the declaration, and in words.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident, Type};

use super::{Names, at, checks};
use crate::fields::FieldSelector;
use crate::model::{Operator, Reference, Relation, Secondary};
use crate::naming;
use crate::selector::Requirement;

/// The type of the objects that are kept.
pub(super) fn stored(secondary: &Secondary, names: &Names) -> Type {
    let (ty, private) = (&secondary.ty, &names.private);
    if !secondary.metadata {
        return ty.clone();
    }
    // At the place of the type: there the caret belongs if it is no kind.
    let span = checks::generated_at(ty.span());
    let part = at(&quote!(#private::PartialObjectMeta), span);
    syn::parse_quote_spanned!(span=> #part<#ty>)
}

/// The secondary with its relation and everything that says which of its objects are meant.
pub(super) fn secondary(model: &Operator, secondary: &Secondary, names: &Names) -> TokenStream {
    let private = &names.private;
    let (name, source) = (secondary.name.to_string(), &secondary.source);
    let ty = stored(secondary, names);
    let primary = &model.primary.ty;
    let declared = match &secondary.relation {
        Relation::Owned { any } => {
            let any = any.then(|| quote!(.any_owner()));
            quote!(owned::<#ty>(#name, #source) #any)
        }
        Relation::Label(key) => quote!(label::<#ty>(#name, #source, #key)),
        Relation::Annotation(key) => quote!(annotation::<#ty>(#name, #source, #key)),
        Relation::Through { parent, any } => {
            let any = any.then(|| quote!(.any_owner()));
            quote!(through::<#ty>(#name, #source, #parent) #any)
        }
        Relation::Reference(reference) => {
            let function = refer(model, reference, private);
            quote!(reference::<#ty, #primary>(#name, #source, #function))
        }
        Relation::Map(function) => {
            let function = map(function, private);
            quote!(map::<#ty, #primary>(#name, #source, #function))
        }
    };
    let metadata = secondary.metadata.then(|| quote!(.metadata()));
    let cross_namespace = secondary.cross_namespace.then(|| quote!(.cross_namespace()));
    let write = (secondary.write && secondary.is_written()).then(|| quote!(.write()));
    let read_only = secondary.read_only.then(|| quote!(.read_only()));
    let optional = secondary.optional.then(|| quote!(.optional()));
    let selector = selector(&secondary.selector, private);
    let fields = secondary.fields.as_ref().map(|FieldSelector { text, .. }| quote!(.fields(#text)));
    quote!(#private::Secondary::#declared #metadata #cross_namespace #write #read_only #optional #selector #fields)
}

/// The call that sets a selector; none for everything.
pub(super) fn selector(requirements: &[Requirement], private: &TokenStream) -> TokenStream {
    if requirements.is_empty() {
        return TokenStream::new();
    }
    let string = |text: &String| quote!(#private::std::string::String::from(#text));
    let expressions = requirements.iter().map(|requirement| {
        let (variant, values) = match requirement {
            Requirement::Exists(key) => ("Exists", vec![string(key)]),
            Requirement::DoesNotExist(key) => ("DoesNotExist", vec![string(key)]),
            Requirement::Equal(key, value) => ("Equal", vec![string(key), string(value)]),
            Requirement::NotEqual(key, value) => ("NotEqual", vec![string(key), string(value)]),
            Requirement::In(key, values) | Requirement::NotIn(key, values) => {
                let values = values.iter().map(string);
                let set = quote!(#private::core::convert::Into::into([#(#values),*]));
                let variant = if matches!(requirement, Requirement::In(..)) { "In" } else { "NotIn" };
                (variant, vec![string(key), set])
            }
        };
        let variant = format_ident!("{variant}");
        quote!(#private::Expression::#variant(#(#values),*))
    });
    quote!(.selector([#(#expressions),*]))
}

/// Adds what the primary refers to, be it one name or an iterator over names.
fn refer(model: &Operator, reference: &Reference, private: &TokenStream) -> TokenStream {
    // Names that the user's closure cannot see.
    let [object, to] = ["object", "to"].map(|name| Ident::new(name, Span::mixed_site()));
    let taken = match reference {
        Reference::Field(field) => quote!(&#object.#field),
        Reference::Function(function) => {
            let argument = if model.primary.refers_by_spec { quote!(&#object.spec) } else { quote!(#object) };
            take(&argument, function, private)
        }
    };
    let span = match reference {
        Reference::Field(Expr::Field(field)) => field.member.span(),
        Reference::Field(function) | Reference::Function(function) => function.span(),
    };
    let traits = quote!(ReferAlone as _, ReferEach as _, ReferNothing as _);
    let refer = by_kind(&taken, &quote!(refer_to(#to)), &traits, span, private);
    quote!(|#object, #to| #refer)
}

/// Collects the primaries that the function names.
fn map(function: &Expr, private: &TokenStream) -> TokenStream {
    let [object, primaries] = ["object", "primaries"].map(|name| Ident::new(name, Span::mixed_site()));
    // At the place of the function: there the caret belongs if it does not fit.
    let span = checks::generated_at(function.span());
    let map = at(&quote!(#private::map), span);
    let map = quote_spanned!(span=> #map(#object, #primaries, #function));
    quote!(|#object, #primaries| #map)
}

/// What the function takes out of `argument`; its place is that of the function.
pub(super) fn take(argument: &TokenStream, function: &Expr, private: &TokenStream) -> TokenStream {
    let span = checks::generated_at(function.span());
    let (take, argument) = (at(&quote!(#private::take), span), at(argument, span));
    quote_spanned!(span=> #take(#argument, #function))
}

/// Calls the method of the first of the traits that what was taken has: the one with the fewest dereferences. The caret is at
/// `span` if it has none.
pub(super) fn by_kind(
    taken: &TokenStream,
    call: &TokenStream,
    traits: &TokenStream,
    span: Span,
    private: &TokenStream,
) -> TokenStream {
    let span = checks::generated_at(span);
    let (wrap, call) = (at(&quote!(#private::Taken), span), at(call, span));
    let called = quote_spanned!(span=> (&&&#wrap(#taken)).#call);
    // One of the traits has the method, whichever it is.
    quote! {{
        #[allow(unused_imports)]
        use #private::{#traits};
        #called;
    }}
}

/// Which objects these are, behind their kind: ``that a `WebApp` owns``.
pub(super) fn which(model: &Operator, secondary: &Secondary) -> String {
    let primary = naming::with_article(&model.primary.kind);
    match &secondary.relation {
        Relation::Owned { any: false } => format!("that {primary} owns"),
        Relation::Owned { any: true } => format!("with an owner reference to {primary}"),
        Relation::Label(key) => format!("whose label `{key}` names {primary}"),
        Relation::Annotation(key) => format!("whose annotation `{key}` names {primary}"),
        Relation::Reference(_) => format!("that {primary} refers to"),
        Relation::Through { parent, any } => {
            let (kind, name) = match model.secondaries.get(*parent) {
                Some(parent) => (naming::with_article(&parent.kind), parent.name.to_string()),
                None => (primary, String::new()),
            };
            let owned = if *any { "with an owner reference to" } else { "owned by" };
            format!("{owned} {kind} of `{name}`")
        }
        Relation::Map(_) => format!("that the function of its `map` assigns to {primary}"),
    }
}
