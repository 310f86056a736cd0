//! What is generated beside errors: the same items, so that the code which uses them gives no errors of its own, but
//! without checks, and with a trait that accepts whatever the user has implemented so far.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{self, Methods};
use crate::model::Operator;

pub(crate) fn operator(errors: TokenStream, model: Option<&Operator>) -> TokenStream {
    let items = model.map(|model| expand::items(model, Methods::Lenient));
    quote! {
        #errors
        #items
    }
}
