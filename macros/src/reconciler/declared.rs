//! What the derive says of an operator to the check of its reconcilers.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Path, Token, braced};

/// The declaration, as far as an implementation has to do with it.
#[derive(Debug)]
pub(crate) struct Declared {
    /// What the generated names begin with.
    pub(super) prefix: Ident,
    pub(super) primary: Path,
    krate: Path,
    /// The methods of the trait, each with the type of its answer.
    methods: Vec<(Ident, Ident)>,
    /// The methods that there would be if a secondary said `handler`, each with its attribute.
    silent: Vec<(Ident, LitStr)>,
}

impl Declared {
    /// What [`Declared::parse`] reads.
    pub(crate) fn tokens(
        [prefix, primary, krate]: [&TokenStream; 3],
        methods: &[(Ident, Ident)],
        silent: &[(Ident, String)],
    ) -> TokenStream {
        let methods = methods.iter().map(|(method, answer)| quote!(#method #answer,));
        let silent = silent.iter().map(|(method, source)| quote!(#method #source,));
        quote!({ #prefix, #primary, #krate, { #(#methods)* } { #(#silent)* } })
    }

    /// The type of the method's answer, if the trait has the method.
    pub(super) fn answer(&self, method: &str) -> Option<&Ident> {
        self.methods.iter().find(|(name, _)| name == method).map(|(_, answer)| answer)
    }

    /// The attribute of the secondary whose handler it would be.
    pub(super) fn silent(&self, method: &str) -> Option<String> {
        self.silent.iter().find(|(name, _)| name == method).map(|(_, source)| source.value())
    }

    /// The names of all methods of the trait.
    pub(super) fn methods(&self) -> impl Iterator<Item = String> {
        self.methods.iter().map(|(name, _)| name.to_string())
    }

    /// The name of a generated item.
    pub(super) fn item(&self, end: &str) -> Ident {
        format_ident!("{}{end}", self.prefix)
    }

    /// The signature of a method of the trait, as a user writes it.
    pub(super) fn signature(&self, method: &str) -> String {
        let (primary, prefix) = (&self.primary, &self.prefix);
        let primary = quote!(#primary).to_string().replace(' ', "");
        let answer = self.answer(method).map(Ident::to_string).unwrap_or_default();
        format!(
            "async fn {method}(&self, primary: Arc<{primary}>, seen: {prefix}Snapshot, cx: {prefix}Context) -> Result<{answer}, \
             Self::Error>"
        )
    }

    /// A method that the compiler takes for what is missing.
    pub(super) fn stand_in(&self, method: &str) -> TokenStream {
        let (primary, krate) = (&self.primary, &self.krate);
        let answer = self.answer(method);
        let [name, snapshot, context] = [format_ident!("{method}"), self.item("Snapshot"), self.item("Context")];
        let private = quote!(#krate::__private);
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
        let methods = methods.parse_terminated(|pair| Ok((pair.parse()?, pair.parse()?)), Token![,])?;
        let silent = silent.parse_terminated(|pair| Ok((pair.parse()?, pair.parse()?)), Token![,])?;
        Ok(Self {
            prefix,
            primary,
            krate,
            methods: methods.into_iter().collect(),
            silent: silent.into_iter().collect(),
        })
    }
}
