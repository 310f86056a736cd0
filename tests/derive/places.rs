//! Where a derive may stand.

mod private {
    use std::sync::Arc;

    use k8s_openapi::api::core::v1::Service;
    use kube::CustomResource;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use steersman::{Action, Operator};

    mod inner {
        use k8s_openapi::api::core::v1::Secret;
        use kube::CustomResource;
        use schemars::JsonSchema;
        use serde::{Deserialize, Serialize};
        use steersman::Operator;

        /// Seen by the module around it alone.
        #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
        #[kube(group = "demo.steersman.dev", version = "v1", kind = "Inner", namespaced)]
        #[operator(resync = "off")]
        #[secondary(Secret)]
        pub(super) struct InnerSpec {}
    }

    /// Two operators in one module, one of them without any visibility, and the kind of one is a secondary of the other.
    #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "demo.steersman.dev", version = "v1", kind = "Outer", root = "OuterResource", namespaced)]
    #[secondary(Service, read_only)]
    #[secondary(self::inner::Inner, one, read_only)]
    struct OuterSpec {}

    #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "demo.steersman.dev", version = "v1", kind = "Empty", namespaced, status = EmptyStatus)]
    struct EmptySpec {}

    /// A status.
    #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
    struct EmptyStatus {}

    struct Controller;

    impl inner::InnerReconciler for Controller {
        type Error = String;

        async fn reconcile(
            &self,
            inner: Arc<inner::Inner>,
            seen: inner::InnerSnapshot,
            cx: inner::InnerContext,
        ) -> Result<Action, String> {
            let _ = (inner, seen.secrets.len(), cx.secrets());
            Ok(Action::await_change())
        }
    }

    impl OuterResourceReconciler for Controller {
        type Error = String;

        async fn reconcile(
            &self,
            _: Arc<OuterResource>,
            seen: OuterResourceSnapshot,
            _: OuterResourceContext,
        ) -> Result<Action, String> {
            seen.inner.map(|_| Action::await_change()).ok_or_else(|| "no inner".to_owned())
        }
    }

    impl EmptyReconciler for Controller {
        type Error = String;

        async fn reconcile(&self, _: Arc<Empty>, _: EmptySnapshot, cx: EmptyContext) -> Result<Action, String> {
            cx.apply_status(EmptyStatus {}).await.map_err(|error| error.to_string())?;
            Ok(Action::await_change())
        }
    }

    #[test]
    fn private_modules() {
        let inner = crate::declaration(inner::Inner::operator(Controller));
        assert!(inner.contains("resync: None"), "{inner}");
        let outer = crate::declaration(OuterResource::operator(Controller));
        assert!(outer.contains(r#"name: "OuterResource""#) && outer.contains(r#"name: "inner""#), "{outer}");
        assert!(crate::declaration(Empty::operator(Controller)).contains("secondaries: []"));
    }
}

#[test]
fn in_the_body_of_a_function() {
    use std::convert::Infallible;
    use std::sync::Arc;

    use k8s_openapi::api::rbac::v1::ClusterRole;
    use kube::CustomResource;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use steersman::{Action, Operator};

    /// Cluster-scoped, so it may own cluster-scoped kinds.
    #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "demo.steersman.dev", version = "v1", kind = "Tenant")]
    #[secondary(ClusterRole, one, read_only, handler)]
    #[secondary(k8s_openapi::api::core::v1::Secret, read_only, predicate = changed(data))]
    struct TenantSpec {}

    fn data(secret: &k8s_openapi::api::core::v1::Secret) -> usize {
        secret.data.as_ref().map_or(0, std::collections::BTreeMap::len)
    }

    struct Controller<T>(T);

    // The reconciler may be generic.
    impl<T: Clone + Send + Sync + 'static> TenantReconciler for Controller<T> {
        type Error = Infallible;

        async fn reconcile(&self, _: Arc<Tenant>, _: TenantSnapshot, _: TenantContext) -> Result<Action, Infallible> {
            drop(self.0.clone());
            Ok(Action::await_change())
        }

        async fn reconcile_cluster_role(
            &self,
            _: Arc<Tenant>,
            seen: TenantSnapshot,
            _: TenantContext,
        ) -> Result<steersman::Handled, Infallible> {
            drop((seen.cluster_role, seen.secrets));
            Ok(steersman::Handled::Done)
        }
    }

    let declaration = crate::declaration(Tenant::operator(Controller(())));
    assert!(declaration.contains("ClusterRole (rbac.authorization.k8s.io/v1)"), "{declaration}");
}

/// Attributes that come out of a `macro_rules`.
mod by_macro {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::time::Duration;

    use k8s_openapi::api::core::v1::Service;
    use kube::CustomResource;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use steersman::{Action, Operator};

    macro_rules! define {
        ($name:ident, $kind:literal, $ty:ty, $finalizer:literal, $predicate:expr, $debounce:expr) => {
            /// A specification.
            #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
            #[kube(group = "demo.steersman.dev", version = "v1", kind = $kind, namespaced)]
            #[operator(finalizer = $finalizer)]
            #[secondary($ty, one, read_only, predicate = $predicate, debounce = $debounce)]
            pub(crate) struct $name {}
        };
    }
    define!(
        GeneratedSpec,
        "Generated",
        Service,
        "demo.steersman.dev/x",
        any(spec_changed, changed(|s| s.metadata.uid.clone())),
        |s| Duration::from_secs(s.metadata.generation.unwrap_or(1).unsigned_abs())
    );

    struct Controller;

    impl GeneratedReconciler for Controller {
        type Error = Infallible;

        async fn reconcile(
            &self,
            _: Arc<Generated>,
            _: GeneratedSnapshot,
            _: GeneratedContext,
        ) -> Result<Action, Infallible> {
            Ok(Action::await_change())
        }

        async fn cleanup(
            &self,
            _: Arc<Generated>,
            _: GeneratedSnapshot,
            _: GeneratedContext,
        ) -> Result<steersman::Cleanup, Infallible> {
            Ok(steersman::Cleanup::Done)
        }
    }

    #[test]
    fn from_macro_rules() {
        let declaration = crate::declaration(Generated::operator(Controller));
        let attribute = "#[secondary(Service, one, read_only, \
            predicate = any(spec_changed, changed(|s| s.metadata.uid.clone())), \
            debounce = |s| Duration::from_secs(s.metadata.generation.unwrap_or(1).unsigned_abs()))]";
        assert!(declaration.contains(attribute), "{declaration}");
    }
}
