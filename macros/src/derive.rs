//! The derive from one end to the other, without `proc_macro`, so that tests can call it.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::attrs::Attrs;
use crate::expand::{self, Methods};
use crate::fallback;
use crate::problems::Problems;
use crate::validate::validate;

/// The items beside the annotated struct, or its mistakes and a stand-in for the items.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut problems = Problems::default();
    let attrs = Attrs::read(&input, &mut problems);
    let mentioned = fallback::mention(&attrs);
    let functions = fallback::functions(&attrs);
    let model = validate(&input, attrs, &mut problems);
    match (problems.finish(), model) {
        (None, Some(model)) => expand::operator(&model, Methods::AsDeclared),
        // `#[derive(CustomResource)]` reports why there is no kind.
        (None, None) => mentioned,
        (Some(errors), model) => {
            let items = model.as_ref().map(|model| expand::operator(model, Methods::Lenient));
            let functions = fallback::mention_functions(&functions, model.as_ref());
            quote::quote!(#errors #items #mentioned #functions)
        }
    }
}
