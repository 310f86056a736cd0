//! The context: a handle for each secondary, and what else a run may use.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Visibility};

use super::{Names, doc, relation};
use crate::model::{Operator, Secondary, Status};

pub(super) fn expand(model: &Operator, names: &Names) -> TokenStream {
    let Names { context, private, .. } = names;
    let vis = &model.vis;
    let docs = doc(&[
        format!(
            "What one run of the operator `{}` may use: a handle for each secondary, the status, the client.",
            model.prefix
        ),
        String::new(),
        "Cheap to clone.".to_owned(),
    ]);
    let handles = model.secondaries.iter().enumerate().map(|(i, secondary)| handle(model, i, secondary, names));
    let common = common(model, names);
    let status = apply_status(model, names);
    quote! {
        #docs
        #[derive(#private::core::clone::Clone, #private::core::fmt::Debug)]
        #vis struct #context(#private::Run);

        #(#handles)*

        // A run need not use all that it may.
        #[automatically_derived]
        #[allow(dead_code)]
        impl #context {
            #common
            #status
        }
    }
}

/// In an `impl` of its own: the compiler joins the methods of one that are not used, but each has a reason of its own.
fn handle(model: &Operator, index: usize, secondary: &Secondary, names: &Names) -> TokenStream {
    let krate = &model.krate;
    let Secondary { name, kind, source, .. } = secondary;
    let which = relation::which(model, secondary);
    let is_made = secondary.relation.is_owned() && secondary.is_written();
    let (text, handle, method) = match secondary {
        _ if is_made => (format!("Writes the `{kind}` that the run wants."), "Handle", "handle"),
        _ if secondary.is_written() => (format!("Writes the `{kind}` {which}."), "Handle", "handle"),
        _ if secondary.metadata => {
            (format!("Reads the metadata of the `{kind}` {which}."), "ReadHandle", "read_handle")
        }
        _ => (format!("Reads the `{kind}` {which}."), "ReadHandle", "read_handle"),
    };
    let (handle, method) = (format_ident!("{handle}"), format_ident!("{method}"));
    let docs = doc(&[text, String::new(), format!("Declared by `{source}`.")]);
    let check = super::checks::are_kind(secondary, names);
    let ty = relation::stored(secondary, names);
    let context = &names.context;
    let (lint, vis, span) = match is_made && !model.exported {
        true => is_used(model, secondary),
        // What is read may as well be read from the snapshot alone.
        false => (quote!(#[allow(dead_code)]), model.vis.clone(), Span::call_site()),
    };
    // One and the same in the head and in the body, wherever they stand.
    let this = Ident::new("self", span);
    let body = quote! {
        #check
        #this.0.#method::<#ty>(#index)
    };
    let function = quote_spanned!(span=> #vis fn #name(&#this) -> #krate::#handle<#ty> { #body });
    quote! {
        #[automatically_derived]
        impl #context {
            #docs
            #lint
            #function
        }
    }
}

/// What is owned is there because somebody makes it, and that is this operator, or else the watch waits for nothing. The
/// compiler knows what is never used of all that other crates cannot see, but speaks only of what stands in the user's code.
fn is_used(model: &Operator, secondary: &Secondary) -> (TokenStream, Visibility, Span) {
    let (name, span) = (&secondary.name, secondary.name.span());
    let reason = format!(
        "`{}` is owned, but nothing makes one: `cx.{name}()` is used by no reconciler, or by none that `{}::operator` hands to a \
         manager; apply it there, or, if others make it, add `read_only`",
        secondary.source, model.prefix
    );
    let vis = match &model.vis {
        Visibility::Public(_) => syn::parse_quote_spanned!(span=> pub(crate)),
        vis => vis.clone(),
    };
    (quote!(#[must_use] #[deny(dead_code, reason = #reason)]), vis, span)
}

fn common(model: &Operator, names: &Names) -> TokenStream {
    let (krate, vis, primary) = (&model.krate, &model.vis, &model.primary.ty);
    let Names { snapshot, private, .. } = names;
    let check = super::checks::is_kind(&super::checks::primary(model), names);
    let primaries = doc(&[
        format!(
            "Every `{}` of this operator, as the cache holds them now: for what is made of all of them.",
            model.primary.kind
        ),
        String::new(),
        "It is no part of what the run saw: their changes wake nobody but themselves.".to_owned(),
    ]);
    quote! {
        /// What this run sees now: what it started from, and the answers to its own writes.
        #vis fn snapshot(&self) -> #snapshot {
            #snapshot::read(&self.0.view())
        }

        #primaries
        #vis fn primaries(&self) -> #private::std::vec::Vec<#private::std::sync::Arc<#primary>> {
            #check
            self.0.primaries::<#primary>()
        }

        /// Tells an event about the primary. It never fails and waits for nothing; see `Event`.
        ///
        /// # Rights
        /// `create` and `patch` on `events` in the group `events.k8s.io`.
        #vis fn event(&self, event: #krate::Event) {
            self.0.event(event)
        }

        /// The client of the runtime, for what has no handle.
        #vis fn client(&self) -> #krate::kube::Client {
            self.0.client()
        }

        /// Why the primary was woken: advice for logs and tests, no part of what is true.
        #vis fn triggers(&self) -> &#krate::Triggers {
            self.0.triggers()
        }
    }
}

fn apply_status(model: &Operator, names: &Names) -> TokenStream {
    let (krate, vis, primary) = (&model.krate, &model.vis, &model.primary.ty);
    let private = &names.private;
    let answer = quote!(#private::core::result::Result<#private::std::sync::Arc<#primary>, #krate::WriteError>);
    let docs = doc(&[
        format!(
            "Applies the status of the `{}`, unless it is so already. The answer is the object as it is then.",
            model.primary.kind
        ),
        String::new(),
        "# Errors".to_owned(),
        "The API server refuses the status, or cannot be reached.".to_owned(),
    ]);
    let check = super::checks::is_kind(&super::checks::primary(model), names);
    match &model.status {
        Status::Typed(ty) => quote! {
            #docs
            #vis async fn apply_status(&self, status: #ty) -> #answer {
                #check
                self.0.apply_status::<#primary, #ty>(status).await
            }
        },
        Status::Untyped => quote! {
            #docs
            #vis async fn apply_status<S: #private::Serialize + #private::core::marker::Send>(
                &self,
                status: S,
            ) -> #answer {
                #check
                self.0.apply_status::<#primary, S>(status).await
            }
        },
        // Cannot be called; its bound says what is missing.
        Status::Absent => quote! {
            #[doc(hidden)]
            #vis fn apply_status<S>(&self, status: S) -> #private::core::future::Pending<#answer>
            where
                #primary: #private::DeclaresStatus<S>,
            {
                let _ = status;
                #private::core::future::pending()
            }
        },
    }
}
