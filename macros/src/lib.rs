//! placeholder
use proc_macro::TokenStream;
/// placeholder
#[proc_macro_derive(Operator, attributes(operator, secondary))]
pub fn operator(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
