//! The snapshot: one typed field for each secondary.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Names, doc, relation};
use crate::model::{Operator, Secondary};

pub(super) fn expand(model: &Operator, names: &Names) -> TokenStream {
    let Names { snapshot, private, .. } = names;
    let vis = &model.vis;
    let docs = doc(&[
        format!("What one run of the operator `{}` sees of its secondary resources.", model.prefix),
        String::new(),
        "Read from the caches of the runtime, never from the API server. It does not change while the run lasts."
            .to_owned(),
        "By default there is nothing.".to_owned(),
    ]);
    let fields = model.secondaries.iter().map(|secondary| field(model, secondary, names));
    // A run need not read all that it is given.
    quote! {
        #docs
        #[derive(#private::core::clone::Clone, #private::core::fmt::Debug, #private::core::default::Default)]
        #[allow(dead_code)]
        #vis struct #snapshot {
            #(#fields,)*
        }
    }
}

fn field(model: &Operator, secondary: &Secondary, names: &Names) -> TokenStream {
    let (krate, vis) = (&model.krate, &model.vis);
    let Secondary { name, kind, source, .. } = secondary;
    let private = &names.private;
    let ty = relation::stored(secondary, names);
    let which = relation::which(model, secondary);
    let what = if secondary.metadata { "The metadata of " } else { "" };
    let (mut docs, mut ty) = if secondary.one {
        let the = if secondary.metadata { "the" } else { "The" };
        let text = format!("{what}{the} `{kind}` {which}, if there is one. Should there be several, the oldest.");
        (text, quote!(#private::core::option::Option<#private::std::sync::Arc<#ty>>))
    } else {
        let every = if secondary.metadata { "every" } else { "Every" };
        (format!("{what}{every} `{kind}` {which}."), quote!(#krate::Secondaries<#ty>))
    };
    if secondary.optional {
        docs.push_str(" `NotServed` while the API server does not serve the kind.");
        ty = quote!(#krate::Optional<#ty>);
    }
    let docs = doc(&[docs, String::new(), format!("Declared by `{source}`.")]);
    quote! {
        #docs
        #vis #name: #ty
    }
}
