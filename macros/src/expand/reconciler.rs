//! The trait that the user implements.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::{Methods, Names, doc, handler_method};
use crate::model::{Operator, Secondary};
use crate::naming;

pub(super) fn expand(model: &Operator, names: &Names, methods: Methods) -> TokenStream {
    let Names { reconciler, private, .. } = names;
    let (krate, vis, prefix) = (&model.krate, &model.vis, &model.prefix);
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
    quote! {
        #docs
        #vis trait #reconciler: #private::core::marker::Send + #private::core::marker::Sync + 'static {
            /// The error of every method; the runtime logs it and retries.
            type Error: #private::core::convert::Into<#krate::BoxError> + #private::core::marker::Send + 'static;

            #reconcile
            #(#handlers)*
            #cleanup
        }
    }
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
