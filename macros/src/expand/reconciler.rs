//! The trait that the user implements.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

use super::{Methods, Names, doc, handler_method};
use crate::model::{Operator, Secondary};
use crate::naming;
use crate::reconciler::Declared;

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
    let (prefix, primary, krate) = (&model.prefix, &model.primary.ty, &model.krate);
    let name = format_ident!("__{}", naming::snake(&reconciler.unraw().to_string()));
    let checked = match methods {
        // Beside errors nothing is known for sure.
        Methods::Lenient => quote!($($implementation)*),
        Methods::AsDeclared => {
            let answer = |answer: &str| Ident::new(answer, Span::call_site());
            let method = |secondary: &Secondary| format_ident!("reconcile_{}", secondary.name);
            let handled = model.secondaries.iter().filter(|secondary| secondary.handler.is_some());
            let silent = model.secondaries.iter().filter(|secondary| secondary.handler.is_none());
            let mut methods = vec![(answer("reconcile"), answer("Action"))];
            methods.extend(handled.map(|secondary| (method(secondary), answer("Handled"))));
            methods.extend(model.finalizer.iter().map(|_| (answer("cleanup"), answer("Cleanup"))));
            let silent: Vec<_> = silent.map(|secondary| (method(secondary), secondary.source.clone())).collect();
            let head = [&quote!(#prefix), &quote!(#primary), &quote!(#krate)];
            let declared = Declared::tokens(head, &methods, &silent);
            quote!(#private::check_reconciler! { #declared $($implementation)* })
        }
    };
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros)]
        macro_rules! #name {
            ($($implementation:tt)*) => { #checked };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        pub(crate) use #name as #reconciler;
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
