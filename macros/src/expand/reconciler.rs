//! The trait that the user implements.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

use super::{Methods, Names, doc, handler_method};
use crate::model::{Operator, Secondary};
use crate::naming;
use crate::reconciler::{Declared, Method};

pub(super) fn expand(model: &Operator, names: &Names, methods: Methods) -> TokenStream {
    let Names { reconciler, private, .. } = names;
    let (vis, prefix) = (&model.vis, &model.prefix);
    let docs = doc(&[
        format!("What the operator `{prefix}` does with {}.", naming::with_article(&model.primary.kind)),
        String::new(),
        format!("Implement it, with plain `async fn`s, for a type of your own, and hand that to `{prefix}::operator`."),
    ]);
    let reconcile = reconcile(model, names, methods);
    let handlers = model
        .secondaries
        .iter()
        .filter(|secondary| secondary.handler.is_some() || methods == Methods::Lenient)
        .map(|secondary| handler(model, secondary, names, methods));
    let cleanup = cleanup(model, names, methods);
    let check = check(model, names, methods);
    quote! {
        #docs
        #vis trait #reconciler: #private::core::marker::Send + #private::core::marker::Sync + 'static {
            /// The error of every method; the runtime logs it and retries.
            type Error: #private::ReconcilerError;

            #reconcile
            #(#handlers)*
            #cleanup
        }

        #check
    }
}

/// What `#[steersman::reconciler]` on an implementation calls: a macro that is imported with the trait, as it has its name.
fn check(model: &Operator, names: &Names, methods: Methods) -> TokenStream {
    let Names { reconciler, private, .. } = names;
    let name = format_ident!("__{}", naming::snake(&reconciler.unraw().to_string()));
    let declared = declared(model, methods);
    // Both are used only where `#[steersman::reconciler]` is.
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros)]
        macro_rules! #name {
            ($($implementation:tt)*) => {
                #private::check_reconciler! { #declared $($implementation)* }
            };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        pub(crate) use #name as #reconciler;
    }
}

/// Beside errors it is vague: an attribute that could not be read may have asked for more.
fn declared(model: &Operator, methods: Methods) -> TokenStream {
    let (prefix, primary, krate) = (&model.prefix, &model.primary.ty, &model.krate);
    let is_vague = methods == Methods::Lenient;
    let method = |name: Ident, answer: &str, source: String| Method { name, answer: format_ident!("{answer}"), source };
    let (handled, silent): (Vec<_>, Vec<_>) =
        model.secondaries.iter().partition(|secondary| is_vague || secondary.handler.is_some());
    let mut known = vec![method(format_ident!("reconcile"), "Action", String::new())];
    known.extend(
        handled.into_iter().map(|secondary| method(handler_method(secondary), "Handled", secondary.source.clone())),
    );
    known.extend(model.finalizer.iter().map(|finalizer| {
        let source = format!("#[operator(finalizer = {})]", finalizer.token());
        method(format_ident!("cleanup"), "Cleanup", source)
    }));
    let silent: Vec<_> =
        silent.into_iter().map(|secondary| (handler_method(secondary), secondary.source.clone())).collect();
    Declared::tokens([&quote!(#prefix), &quote!(#primary), &quote!(#krate)], &known, &silent, is_vague)
}

fn reconcile(model: &Operator, names: &Names, methods: Methods) -> TokenStream {
    let docs = doc(&[
        format!("Brings the world to what the `{}` says.", model.primary.kind),
        String::new(),
        "`seen` is what the run starts from; `cx` writes, and reads again what has been written. Runs of one primary never \
         overlap."
            .to_owned(),
    ]);
    method(&docs, &format_ident!("reconcile"), "Action", model, names, methods)
}

fn handler(model: &Operator, secondary: &Secondary, names: &Names, methods: Methods) -> TokenStream {
    let docs = doc(&[
        format!("Runs instead of `reconcile` when nothing but `{}` changed.", secondary.name),
        String::new(),
        format!("Asked for by `{}`.", secondary.source),
    ]);
    method(&docs, &handler_method(secondary), "Handled", model, names, methods)
}

fn cleanup(model: &Operator, names: &Names, methods: Methods) -> TokenStream {
    let (docs, ident) = match &model.finalizer {
        Some(finalizer) => {
            let docs = [
                format!("Undoes what garbage collection does not, once the `{}` is being deleted.", model.primary.kind),
                String::new(),
                format!("Asked for by the finalizer `{}`, which the runtime adds and removes.", finalizer.value()),
            ];
            (doc(&docs), format_ident!("cleanup", span = finalizer.span()))
        }
        None if methods == Methods::Lenient => (TokenStream::new(), format_ident!("cleanup")),
        None => return TokenStream::new(),
    };
    method(&docs, &ident, "Cleanup", model, names, methods)
}

fn method(
    docs: &TokenStream,
    ident: &Ident,
    answer: &str,
    model: &Operator,
    names: &Names,
    methods: Methods,
) -> TokenStream {
    let Names { snapshot, context, private, .. } = names;
    let (krate, primary) = (&model.krate, &model.primary.ty);
    let answer = format_ident!("{answer}");
    let answer = quote!(#private::core::result::Result<#krate::#answer, Self::Error>);
    // All of the signature at the place that asks for it: there the label of a missing method points.
    let span = Span::call_site().located_at(ident.span());
    let body = match methods {
        Methods::AsDeclared => quote_spanned!(span=> ;),
        Methods::Lenient => quote! {{
            let _ = (primary, seen, cx);
            #private::core::future::pending::<#answer>()
        }},
    };
    let signature = quote_spanned! {span=>
        fn #ident(
            &self,
            primary: #private::std::sync::Arc<#primary>,
            seen: #snapshot,
            cx: #context,
        ) -> impl #private::core::future::Future<Output = #answer> + #private::core::marker::Send
    };
    quote!(#docs #signature #body)
}
