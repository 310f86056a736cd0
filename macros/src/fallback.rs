//! What is generated beside errors: the same items, so that the code which uses them gives no errors of its own, but
//! without checks, and with a trait that accepts whatever the user has implemented so far.

use proc_macro2::TokenStream;
use quote::quote;

use crate::attrs::Attrs;
use crate::expand::{self, Methods};
use crate::model::Operator;

/// The items of a model that is as good as it gets.
pub(crate) fn items(model: &Operator) -> TokenStream {
    expand::items(model, Methods::Lenient)
}

/// Uses the types that the attributes name, as some do not make it into the model: their imports are not unused.
pub(crate) fn mention(attrs: &Attrs) -> TokenStream {
    let secondaries = attrs.secondaries.iter().map(|secondary| &secondary.ty);
    let primary = attrs.operator.primary.iter().filter_map(|primary| primary.path.as_ref());
    quote! {
        const _: () = {
            #(let _: ::core::marker::PhantomData<#secondaries>;)*
            #(let _: ::core::marker::PhantomData<#primary>;)*
        };
    }
}
