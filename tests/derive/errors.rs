//! What may be the error of a reconciler.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Node;
use steersman::{Action, BoxError, Operator};

/// An operator without secondaries.
#[derive(Operator)]
#[operator(primary = "Node")]
struct Nodes;

struct Fails<E>(fn() -> E);

impl<E: Into<BoxError> + Send + 'static> NodesReconciler for Fails<E> {
    type Error = E;

    async fn reconcile(&self, _: Arc<Node>, _: NodesSnapshot, _: NodesContext) -> Result<Action, E> {
        Err((self.0)())
    }
}

/// Converts into a boxed error and is none itself, like `anyhow::Error`.
struct LikeAnyhow;

impl From<LikeAnyhow> for BoxError {
    fn from(_: LikeAnyhow) -> Self {
        "failed".into()
    }
}

#[test]
fn any_error_that_can_be_boxed() {
    crate::declaration(Nodes::operator(Fails(String::new)));
    crate::declaration(Nodes::operator(Fails(|| "static")));
    crate::declaration(Nodes::operator(Fails(|| LikeAnyhow)));
    crate::declaration(Nodes::operator(Fails(|| BoxError::from("boxed"))));
    crate::declaration(Nodes::operator(Fails(|| std::io::Error::other("io"))));
}
