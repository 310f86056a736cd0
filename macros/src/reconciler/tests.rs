use super::*;

fn declared() -> TokenStream {
    quote! {{
        WebApp, WebApp, ::steersman,
        {
            reconcile Action "",
            reconcile_deployment Handled "#[secondary(Deployment, one, handler)]",
            cleanup Cleanup "#[operator(finalizer = \"a.b/c\")]",
        }
        { reconcile_services "#[secondary(Service)]", }
        false
    }}
}

/// What remains of the block, and the messages, but for those about what is missing.
fn checked(items: &TokenStream) -> (String, Vec<String>) {
    let (block, mut messages) = all_of(items);
    messages.retain(|message| !message.contains("` is missing"));
    (block, messages)
}

fn all_of(items: &TokenStream) -> (String, Vec<String>) {
    let declared = declared();
    let output = check(quote!(#declared impl WebAppReconciler for App { type Error = E; #items }));
    let file: syn::File = syn::parse2(output).unwrap();
    let mut messages = Vec::new();
    let mut block = String::new();
    for item in file.items {
        match item {
            Item::Macro(error) => messages.push(error.mac.parse_body::<syn::LitStr>().unwrap().value()),
            item => block = item.to_token_stream().to_string(),
        }
    }
    (block, messages)
}

fn refused(items: &TokenStream) -> String {
    let (_, messages) = checked(items);
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages.concat()
}

#[test]
fn what_is_right_stays_as_it_is() {
    for items in [
        quote!(
            async fn reconcile(&self, app: Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Action, E> {
                x()
            }
        ),
        quote!(
            async fn cleanup(
                &self,
                _: std::sync::Arc<crate::WebApp>,
                _: a::WebAppSnapshot,
                _: WebAppContext,
            ) -> anyhow::Result<Cleanup> {
                x()
            }
        ),
        quote!(
            async fn reconcile_deployment(&self, _: App, _: Seen, _: Cx) -> Answer {
                x()
            }
        ),
        quote!(
            fn reconcile(&self, _: App, _: Seen, _: Cx) -> impl Future<Output = Answer> + Send {
                x()
            }
        ),
        quote!(
            fn reconcile(self: &Self, _: App, _: Seen, _: Cx) -> BoxFuture<'_, Answer> {
                x()
            }
        ),
    ] {
        let (block, messages) = checked(&items);
        assert!(messages.is_empty() && block.contains("x ()"), "{messages:?} {block}");
    }
}

#[test]
fn each_mistake_shows_the_signature() {
    for (items, cause) in [
        (
            quote!(
                async fn reconcile(&self, a: &WebApp, b: WebAppSnapshot, c: WebAppContext) -> Result<Action, E> {}
            ),
            "`Arc<WebApp>` here, and this is `&WebApp`",
        ),
        (
            quote!(
                async fn reconcile(&self, a: WebApp, b: WebAppSnapshot, c: WebAppContext) -> Result<Action, E> {}
            ),
            "this is `WebApp`",
        ),
        (
            quote!(
                async fn reconcile(&self, a: Arc<WebApp>, c: WebAppContext) -> Result<Action, E> {}
            ),
            "this takes 2",
        ),
        (
            quote!(
                async fn reconcile(&mut self, a: A, b: B, c: C) -> Result<Action, E> {}
            ),
            "many primaries at once",
        ),
        (
            quote!(
                async fn reconcile(a: A, b: B, c: C) -> Result<Action, E> {}
            ),
            "has no `&self`",
        ),
        (
            quote!(
                fn reconcile(&self, a: A, b: B, c: C) -> Result<Action, E> {}
            ),
            "has to be `async`",
        ),
        (
            quote!(
                async fn reconcile(&self, a: A, b: B, c: C) -> Result<(), E> {}
            ),
            "this is `Result<(), E>`",
        ),
        (
            quote!(
                async fn reconcile(&self, a: A, b: B, c: C) -> Result<Handled, E> {}
            ),
            "this is `Result<Handled, E>`",
        ),
        (
            quote!(
                async fn reconcile(&self, a: A, b: B, c: C) -> Action {}
            ),
            "this is `Action`",
        ),
        (
            quote!(
                async fn reconcile(&self, a: A, b: B, c: C) {}
            ),
            "answers with a `Result<Action, _>`",
        ),
    ] {
        let message = refused(&items);
        assert!(message.contains(cause), "{message}");
        let wanted = "; write `async fn reconcile(&self, ";
        assert!(
            message.contains(wanted) && message.ends_with(": WebAppContext) -> Result<Action, Self::Error>`"),
            "{message}"
        );
    }
}

#[test]
fn several_mistakes_are_all_said() {
    let (block, messages) = checked(&quote!(
        fn reconcile(self, b: &WebAppSnapshot, c: &WebAppContext, a: &WebApp) -> Action {
            x()
        }
    ));
    assert_eq!(messages.len(), 5, "{messages:#?}");
    assert!(messages[4].ends_with("this is `Action`; write `-> Result<Action, Self::Error>`"), "{messages:#?}");
    assert!(block.contains("unimplemented") && !block.contains("x ()"), "{block}");
}

#[test]
fn methods_that_nobody_calls() {
    let message = |name: &str| {
        let name = quote::format_ident!("{name}");
        refused(&quote!(async fn #name(&self) {}))
    };
    assert_eq!(
        message("reconcile_services"),
        "`reconcile_services` would never be called, as `#[secondary(Service)]` does not say `handler`; write \
         `#[secondary(Service, handler)]`"
    );
    assert_eq!(
        message("reconcile_ingress"),
        "`reconcile_ingress` is the handler of no secondary of this operator, whose handlers are `reconcile_deployment`; declare it: \
         `#[secondary(.., handler)]`"
    );
    assert_eq!(
        message("reconcile_deploymnt"),
        "`reconcile_deploymnt` is no method of `WebAppReconciler`; did you mean `reconcile_deployment`?"
    );
    assert_eq!(message("recncile"), "`recncile` is no method of `WebAppReconciler`; did you mean `reconcile`?");
    assert_eq!(message("helper"), "`helper` is no method of `WebAppReconciler`; move it to an `impl` block of its own");
}

#[test]
fn a_misspelt_method_is_not_missed_as_well() {
    let (block, _) = checked(&quote!(
        async fn clean_up(&self) {}
    ));
    assert!(block.contains("async fn cleanup") && !block.contains("clean_up"), "{block}");
}

#[test]
fn it_stands_on_an_implementation() {
    for item in [
        quote!(
            struct X;
        ),
        quote!(impl X {}),
        quote!(
            fn f() {}
        ),
    ] {
        let output = attribute(&TokenStream::new(), item).to_string();
        assert!(output.contains("stands on the implementation of a reconciler"), "{output}");
    }
    let output = attribute(&quote!(x), quote!(impl a::BReconciler for C {})).to_string();
    assert!(output.contains("takes nothing") && output.contains("a :: BReconciler ! {"), "{output}");
    let half_typed = quote!(impl a::BReconciler for C { async fn });
    assert_eq!(attribute(&TokenStream::new(), half_typed.clone()).to_string(), half_typed.to_string());
}

#[test]
fn what_is_missing_is_shown_with_what_asks_for_it() {
    let (block, messages) = all_of(&quote! {
        async fn reconcile(&self, app: Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Action, E> {}
    });
    assert_eq!(
        messages,
        [
            "`reconcile_deployment` is missing, and `#[secondary(Deployment, one, handler)]` asks for it; write `async fn \
             reconcile_deployment(&self, primary: Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Handled, \
             Self::Error>`",
            "`cleanup` is missing, and `#[operator(finalizer = \"a.b/c\")]` asks for it; write `async fn cleanup(&self, primary: \
             Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Cleanup, Self::Error>`",
        ]
    );
    assert!(block.contains("async fn cleanup") && block.contains("async fn reconcile_deployment"), "{block}");
}

#[test]
fn beside_mistakes_of_the_declaration_nothing_is_missing_or_too_much() {
    let declared = quote!({ A, A, ::steersman, { reconcile Action "", } {} true });
    let output = check(quote!(#declared impl AReconciler for C { async fn other(&self) {} })).to_string();
    assert!(!output.contains("compile_error") && output.contains("other"), "{output}");
}
