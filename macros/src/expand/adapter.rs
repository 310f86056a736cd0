//! The adapter: the user's reconciler as the operator that the runtime drives. A type of its own, because the user's
//! crate may implement a foreign trait for local types alone.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Path};

use super::{Names, at, checks, doc, handler_method, predicate, relation};
use crate::model::{Debounce, Operator, Resync, Secondary, Status};

pub(super) fn expand(model: &Operator, names: &Names) -> TokenStream {
    let Names { reconciler, adapter, private, .. } = names;
    let (krate, vis, prefix) = (&model.krate, &model.vis, &model.prefix);
    let text = adapter.to_string();
    let adapter_docs =
        doc(&[format!("The operator `{prefix}`, run by a [`{reconciler}`]: the type behind `{prefix}::operator`.")]);
    let operator_docs = doc(&[format!("The operator `{prefix}`, run by `reconciler`; hand it to a `Manager`.")]);
    let rules_docs = doc(&[
        format!("The rights that the operator `{prefix}` needs in all namespaces, as its attributes say; see `Rules`."),
        String::new(),
        "No cluster is asked. Those of an operator in single namespaces are told by its builder.".to_owned(),
    ]);
    // Many a program asks the manager for its rights, or nobody.
    let may_be_unused = quote!(#[allow(dead_code)]);
    let trait_impl = trait_impl(model, names);
    let declaration = declaration(model, names);
    let read = read_snapshot(model, names);
    quote! {
        #adapter_docs
        #vis struct #adapter<R>(R);

        #[automatically_derived]
        impl<R> #private::core::fmt::Debug for #adapter<R> {
            fn fmt(&self, f: &mut #private::core::fmt::Formatter<'_>) -> #private::core::fmt::Result {
                f.debug_struct(#text).finish_non_exhaustive()
            }
        }

        #[automatically_derived]
        impl #prefix {
            #operator_docs
            #vis fn operator<R: #reconciler>(reconciler: R) -> #krate::OperatorBuilder<#adapter<R>> {
                #krate::OperatorBuilder::new(#adapter(reconciler))
            }

            #rules_docs
            #may_be_unused
            #vis fn rules() -> #krate::Rules {
                #adapter::<()>::declared().rules()
            }
        }

        // What is declared does not depend on who reconciles.
        #[automatically_derived]
        impl #adapter<()> {
            fn declared() -> #private::Declaration {
                #declaration
            }
        }

        #read
        #trait_impl
    }
}

/// The typed snapshot out of the untyped view.
fn read_snapshot(model: &Operator, names: &Names) -> TokenStream {
    let Names { snapshot, private, .. } = names;
    let fields = model.secondaries.iter().enumerate().map(|(i, secondary)| {
        let name = &secondary.name;
        let ty = relation::stored(secondary, names);
        let method = match (secondary.one, secondary.optional) {
            (true, false) => "one",
            (false, false) => "many",
            (true, true) => "optional_one",
            (false, true) => "optional_many",
        };
        let method = format_ident!("{method}");
        quote!(#name: view.#method::<#ty>(#i))
    });
    let checks = checks::are_kinds(model, names);
    let view = if model.secondaries.is_empty() { format_ident!("_view") } else { format_ident!("view") };
    let fields: Vec<_> = fields.collect();
    quote! {
        #[automatically_derived]
        impl #snapshot {
            fn read(#view: &#private::View) -> Self {
                #checks
                Self { #(#fields,)* }
            }
        }
    }
}

/// A kind that is defined elsewhere is installed from there: what our type knows of it may be less.
fn definition(model: &Operator, private: &TokenStream) -> TokenStream {
    let primary = &model.primary.ty;
    match model.status {
        Status::Untyped => quote!(#private::core::option::Option::None),
        Status::Absent | Status::Typed(_) => quote! {
            use #private::AnyType as _;
            #private::TypeOf::<#primary>::CRD.map(|definition| definition())
        },
    }
}

fn trait_impl(model: &Operator, names: &Names) -> TokenStream {
    let Names { snapshot, context, reconciler, adapter, private } = names;
    let (krate, primary) = (&model.krate, &model.primary.ty);
    let reconcile = call(&format_ident!("reconcile"), names);
    let reconcile = async_method("reconcile", &TokenStream::new(), "Action", &reconcile, model, names);
    let handle = handle(model, names);
    let cleanup = cleanup(model, names);
    let definition = definition(model, private);
    quote! {
        #[automatically_derived]
        impl<R: #reconciler> #krate::Operator for #adapter<R> {
            type Primary = #primary;
            type Snapshot = #snapshot;
            type Context = #context;

            fn declaration() -> #private::Declaration {
                #adapter::<()>::declared()
            }

            fn definition() -> #private::core::option::Option<#private::CustomResourceDefinition> {
                #definition
            }

            fn snapshot(view: &#private::View) -> Self::Snapshot {
                #snapshot::read(view)
            }

            fn context(run: #private::Run) -> Self::Context {
                #context(run)
            }

            #reconcile
            #handle
            #cleanup
        }
    }
}

fn declaration(model: &Operator, names: &Names) -> TokenStream {
    let (private, primary, prefix) = (&names.private, &model.primary.ty, model.prefix.unraw().to_string());
    let finalizer = model.finalizer.as_ref().map(|finalizer| quote!(.finalizer(#finalizer)));
    let former = &model.former_finalizers;
    let former = (!former.is_empty()).then(|| quote!(.former_finalizers(&[#(#former),*])));
    let resync = match model.resync {
        Resync::Default => TokenStream::new(),
        Resync::Off => quote!(.resync(#private::core::option::Option::None)),
        Resync::Every(period) => {
            let period = duration(period, private);
            quote!(.resync(#private::core::option::Option::Some(#period)))
        }
    };
    let timeout = model.timeout.map(|timeout| {
        let timeout = duration(timeout, private);
        quote!(.timeout(#timeout))
    });
    let predicate = predicate::call(&checks::primary(model), &model.predicate, private);
    let selector = relation::selector(&model.selector, private);
    let filter = model.filter.as_ref().map(|function| self::filter(model, function, private));
    let status = status(model, names);
    let secondaries = model.secondaries.iter().map(|secondary| self::secondary(model, secondary, names));
    let checks = checks::are_kinds(model, names);
    quote! {
        #checks
        #private::Declaration::new::<#primary>(#prefix)
            #selector
            #filter
            #finalizer
            #former
            #status
            #resync
            #timeout
            #predicate
            #(.secondary(#secondaries))*
    }
}

/// The call that sets the filter.
fn filter(model: &Operator, function: &Expr, private: &TokenStream) -> TokenStream {
    let (object, primary) = (Ident::new("object", Span::mixed_site()), &model.primary.ty);
    let passes = called("passes", &object, function, private);
    quote!(.filter::<#primary>(|#object| #passes))
}

/// What the function of the runtime with this name makes of what the user's says of an object.
fn called(runtime: &str, object: &Ident, function: &Expr, private: &TokenStream) -> TokenStream {
    // At the place of the function: there the caret belongs if it does not fit.
    let span = checks::generated_at(function.span());
    let runtime = Ident::new(runtime, span);
    let runtime = at(&quote!(#private::#runtime), span);
    quote_spanned!(span=> #runtime(#object, #function))
}

/// Which attribute says that the primary has a status. Of a kind that is defined elsewhere only its type knows; what is not known
/// at all may have one.
fn status(model: &Operator, names: &Names) -> TokenStream {
    let private = &names.private;
    let text = |path: &Path| quote!(#path).to_string().replace(' ', "");
    match &model.status {
        Status::Absent => TokenStream::new(),
        Status::Typed(ty) => {
            let attribute = format!("#[kube(status = \"{}\")]", text(ty));
            quote!(.status(#private::core::option::Option::Some(#attribute)))
        }
        Status::Untyped => {
            let attribute = format!("#[operator(primary = \"{}\")]", text(&model.primary.ty));
            let known = checks::known_of(&checks::primary(model), Span::call_site(), names);
            quote! {
                .status({
                    #known
                    const HAS_STATUS: bool = __Known::HAS_STATUS
                        || __Known::DECLARES_STATUS
                        || !(__Known::IS_BUILT_IN || __Known::IS_CUSTOM);
                    HAS_STATUS.then_some(#attribute)
                })
            }
        }
    }
}

fn secondary(model: &Operator, secondary: &Secondary, names: &Names) -> TokenStream {
    let private = &names.private;
    let related = relation::secondary(model, secondary, names);
    let one = secondary.one.then(|| quote!(.one()));
    let handler = secondary.handler.is_some().then(|| quote!(.handler()));
    let predicate = predicate::call(&relation::stored(secondary, names), &secondary.predicate, private);
    let debounce = secondary.debounce.as_ref().map(|debounce| match debounce {
        Debounce::For(debounce) => {
            let debounce = duration(*debounce, private);
            quote!(.debounce(#debounce))
        }
        Debounce::By(function) => {
            let object = Ident::new("object", Span::mixed_site());
            let (ty, wait) = (relation::stored(secondary, names), called("waits", &object, function, private));
            quote!(.debounce_by::<#ty>(|#object| #wait))
        }
    });
    let force = secondary.force;
    let force = (force != secondary.relation.is_owned()).then(|| quote!(.force(#force)));
    quote!(#related #one #handler #predicate #debounce #force)
}

fn duration(duration: Duration, private: &TokenStream) -> TokenStream {
    if duration.subsec_millis() == 0 {
        let seconds = duration.as_secs();
        quote!(#private::core::time::Duration::from_secs(#seconds))
    } else {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        quote!(#private::core::time::Duration::from_millis(#millis))
    }
}

fn handle(model: &Operator, names: &Names) -> TokenStream {
    let Names { private, .. } = names;
    let krate = &model.krate;
    let escalate = quote!(#private::core::result::Result::Ok(#krate::Handled::Escalate));
    let arms: Vec<_> = model
        .secondaries
        .iter()
        .enumerate()
        .filter(|(_, secondary)| secondary.handler.is_some())
        .map(|(i, secondary)| {
            let call = call(&handler_method(secondary), names);
            quote!(#i => #call,)
        })
        .collect();
    let body = if arms.is_empty() {
        quote! {
            let _ = (secondary, primary, seen, cx);
            #escalate
        }
    } else {
        quote! {
            match secondary {
                #(#arms)*
                _ => #escalate,
            }
        }
    };
    async_method("handle", &quote!(secondary: usize,), "Handled", &body, model, names)
}

fn cleanup(model: &Operator, names: &Names) -> TokenStream {
    let (krate, private) = (&model.krate, &names.private);
    let body = match &model.finalizer {
        Some(_) => call(&format_ident!("cleanup"), names),
        None => quote! {
            let _ = (primary, seen, cx);
            #private::core::result::Result::Ok(#krate::Cleanup::Done)
        },
    };
    async_method("cleanup", &TokenStream::new(), "Cleanup", &body, model, names)
}

/// Calls a method of the user's and boxes its error.
fn call(method: &Ident, names: &Names) -> TokenStream {
    let Names { reconciler, private, .. } = names;
    // Where the method is missing, the trait says so; here its name points nowhere in the user's code.
    let method = Ident::new(&method.to_string(), Span::call_site());
    quote! {
        <R as #reconciler>::#method(&self.0, primary, seen, cx)
            .await
            .map_err(#private::ReconcilerError::boxed)
    }
}

fn async_method(
    name: &str,
    argument: &TokenStream,
    answer: &str,
    body: &TokenStream,
    model: &Operator,
    names: &Names,
) -> TokenStream {
    let (krate, private, primary) = (&model.krate, &names.private, &model.primary.ty);
    let (name, answer) = (format_ident!("{name}"), format_ident!("{answer}"));
    quote! {
        async fn #name(
            &self,
            #argument
            primary: #private::std::sync::Arc<#primary>,
            seen: Self::Snapshot,
            cx: Self::Context,
        ) -> #private::core::result::Result<#krate::#answer, #private::BoxError> {
            #body
        }
    }
}
