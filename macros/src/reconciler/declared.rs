//! What the derive says of an operator to the check of its reconcilers.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitBool, LitStr, Path, Token, braced};

/// The declaration, as far as an implementation has to do with it.
#[derive(Debug)]
pub(crate) struct Declared {
    /// What the generated names begin with.
    pub(super) prefix: Ident,
    pub(super) primary: Path,
    krate: Path,
    /// The methods of the trait.
    methods: Vec<Method>,
    /// The methods that there would be if a secondary said `handler`, each with its attribute.
    silent: Vec<(Ident, LitStr)>,
    /// The declaration has mistakes, so that nobody knows which methods there are to be.
    pub(super) is_vague: bool,
}

/// A method of the trait.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: Ident,
    /// The type of its answer.
    pub(crate) answer: Ident,
    /// What asks for it; empty for what every reconciler has.
    pub(crate) source: String,
}

impl Declared {
    /// What [`Declared::parse`] reads.
    pub(crate) fn tokens(
        [prefix, primary, krate]: [&TokenStream; 3],
        methods: &[Method],
        silent: &[(Ident, String)],
        is_vague: bool,
    ) -> TokenStream {
        let methods = methods.iter().map(|Method { name, answer, source }| quote!(#name #answer #source,));
        let silent = silent.iter().map(|(method, source)| quote!(#method #source,));
        quote!({ #prefix, #primary, #krate, { #(#methods)* } { #(#silent)* } #is_vague })
    }

    /// The type of the method's answer, if the trait has the method.
    pub(super) fn answer(&self, method: &str) -> Option<&Ident> {
        self.methods.iter().find(|known| known.name == method).map(|known| &known.answer)
    }

    /// The attribute of the secondary whose handler it would be.
    pub(super) fn silent(&self, method: &str) -> Option<String> {
        self.silent.iter().find(|(name, _)| name == method).map(|(_, source)| source.value())
    }

    /// The names of all methods of the trait, and what asks for them.
    pub(super) fn methods(&self) -> impl Iterator<Item = (String, &str)> {
        self.methods.iter().map(|method| (method.name.to_string(), &*method.source))
    }

    /// The name of a generated item.
    pub(super) fn item(&self, end: &str) -> Ident {
        format_ident!("{}{end}", self.prefix)
    }

    /// The signature of a method of the trait, as a user writes it who calls its arguments like this.
    pub(super) fn signature(&self, method: &str, [first, seen, cx]: [&str; 3]) -> String {
        let (primary, prefix) = (&self.primary, &self.prefix);
        let primary = quote!(#primary).to_string().replace(' ', "");
        let answer = self.answer(method).map(Ident::to_string).unwrap_or_default();
        format!(
            "async fn {method}(&self, {first}: Arc<{primary}>, {seen}: {prefix}Snapshot, {cx}: {prefix}Context) -> Result<{answer}, \
             Self::Error>"
        )
    }

    /// A method that the compiler takes for what is missing.
    pub(super) fn stand_in(&self, method: &str) -> TokenStream {
        let (primary, krate) = (&self.primary, &self.krate);
        let answer = self.answer(method);
        let [name, snapshot, context] = [format_ident!("{method}"), self.item("Snapshot"), self.item("Context")];
        let private = quote!(#krate::__private);
        // Nobody calls it, as it stands beside an error.
        quote! {
            async fn #name(
                &self,
                _: #private::std::sync::Arc<#primary>,
                _: #snapshot,
                _: #context,
            ) -> #private::core::result::Result<#krate::#answer, Self::Error> {
                #private::core::unimplemented!()
            }
        }
    }
}

impl Parse for Declared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (head, methods, silent);
        braced!(head in input);
        let prefix = head.parse()?;
        head.parse::<Token![,]>()?;
        let primary = head.call(Path::parse_mod_style)?;
        head.parse::<Token![,]>()?;
        let krate = head.call(Path::parse_mod_style)?;
        head.parse::<Token![,]>()?;
        braced!(methods in head);
        braced!(silent in head);
        let is_vague = head.parse::<LitBool>()?.value();
        let method = |input: ParseStream<'_>| {
            let (name, answer) = (input.parse()?, input.parse()?);
            Ok(Method { name, answer, source: input.parse::<LitStr>()?.value() })
        };
        let methods = methods.parse_terminated(method, Token![,])?;
        let silent = silent.parse_terminated(|pair| Ok((pair.parse()?, pair.parse()?)), Token![,])?;
        Ok(Self {
            prefix,
            primary,
            krate,
            methods: methods.into_iter().collect(),
            silent: silent.into_iter().collect(),
            is_vague,
        })
    }
}
