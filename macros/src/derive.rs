//! The derive from one end to the other, without `proc_macro`, so that tests can call it.

use proc_macro2::TokenStream;

use crate::attrs::Attrs;
use crate::expand::{self, Methods};
use crate::problems::Problems;
use crate::validate::validate;
use crate::{fallback, input};

/// The items beside the annotated struct, or its mistakes and a stand-in for the items.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut problems = Problems::default();
    let Some(input) = input::read(input, &mut problems) else { return problems.finish().unwrap_or_default() };
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
