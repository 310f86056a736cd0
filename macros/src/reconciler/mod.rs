//! `#[steersman::reconciler]`: what is wrong with an implementation of the generated trait, in our words.
//!
//! The attribute knows nothing but the block that it stands on. What is declared is known to the derive, which writes a
//! `macro_rules` of the same name as the trait: the attribute hands the block to it, and it adds the declaration and hands both
//! to [`check`].

mod declared;
mod methods;
mod signature;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{ImplItem, Item, ItemImpl};

use crate::problems::Problems;
pub(crate) use declared::{Declared, Method};

/// `#[steersman::reconciler]` on `item`.
pub(crate) fn attribute(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let mut problems = Problems::default();
    if !arguments.is_empty() {
        problems.at(arguments, "`#[reconciler]` takes nothing in parentheses; write `#[reconciler]`");
    }
    let block = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Impl(block)) => Some(block),
        Ok(_) => None,
        // Half typed: the compiler says what is missing.
        Err(_) => return item,
    };
    let path = block.as_ref().and_then(|block| Some(&block.trait_.as_ref()?.0));
    let Some(path) = path.filter(|path| path.segments.last().is_some_and(|last| last.arguments.is_empty())) else {
        problems.at(
            block.as_ref().map_or_else(|| item.clone(), |block| block.self_ty.to_token_stream()),
            "`#[reconciler]` stands on the implementation of a reconciler; write it above `impl <Kind>Reconciler for ..`",
        );
        let errors = problems.finish();
        return quote!(#errors #item);
    };
    let errors = problems.finish();
    quote! {
        #errors
        #path! { #item }
    }
}

/// What the `macro_rules` hands over: the declaration, and the block. Gives the block, with what is wrong put right, and the
/// mistakes.
pub(crate) fn check(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| Ok((input.parse::<Declared>()?, input.parse::<ItemImpl>()?));
    let (declared, mut block) = match parser.parse2(input) {
        Ok(parsed) => parsed,
        Err(error) => return error.to_compile_error(),
    };
    let mut problems = Problems::default();
    let mut stand_ins = Vec::new();
    block.items.retain(|item| match item {
        ImplItem::Fn(function) => {
            let before = problems.count();
            let meant = methods::check(&function.sig, &declared, &mut problems);
            let is_right = problems.count() == before;
            // What is meant is there, or else the compiler misses it.
            stand_ins.extend(meant.filter(|_| !is_right));
            is_right
        }
        _ => true,
    });
    stand_ins.retain(|method| !methods::is_there(&block, method));
    stand_ins.extend(methods::missing(&block, &stand_ins, &declared, &mut problems));
    stand_ins.sort_unstable();
    stand_ins.dedup();
    block.items.extend(stand_ins.iter().map(|method| ImplItem::Verbatim(declared.stand_in(method))));
    let errors = problems.finish();
    quote!(#errors #block)
}

#[cfg(test)]
mod tests;
