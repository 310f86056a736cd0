//! stub
use crate::error::WriteError;
use crate::kind::Kind;
use crate::operator::Operator;
use crate::snapshot::View;
use crate::trigger::Triggers;
use std::marker::PhantomData;
use std::sync::Arc;
/// stub
#[derive(Clone, Debug)]
pub struct Run {
    view: View,
    triggers: Triggers,
    client: kube_stub::Client,
}
mod kube_stub {
    pub(super) use super::ClientDebug as Client;
}
#[derive(Clone)]
struct ClientDebug(kube::Client);
impl std::fmt::Debug for ClientDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}
impl Run {
    /// What this run sees now.
    pub fn view(&self) -> View {
        self.view.clone()
    }
    /// The handle of the secondary with this index.
    pub fn handle<K: Kind>(&self, _secondary: usize) -> Handle<K> {
        Handle { kind: PhantomData }
    }
    /// The client.
    pub fn client(&self) -> kube::Client {
        self.client.0.clone()
    }
    /// Why.
    pub fn triggers(&self) -> &Triggers {
        &self.triggers
    }
    /// Status.
    ///
    /// # Errors
    /// stub
    pub async fn apply_status<P: Kind, S: serde::Serialize + Send>(&self, _status: S) -> Result<Arc<P>, WriteError> {
        Err(WriteError::Stub)
    }
}
/// Handle of one declared secondary.
#[derive(Debug)]
pub struct Handle<K> {
    kind: PhantomData<fn() -> K>,
}
impl<K: Kind> Handle<K> {
    /// apply
    ///
    /// # Errors
    /// stub
    pub async fn apply(&self, _desired: K) -> Result<Arc<K>, WriteError> {
        Err(WriteError::Stub)
    }
}
/// An operator with its settings
#[derive(Debug)]
pub struct OperatorBuilder<O> {
    operator: O,
}
impl<O: Operator> OperatorBuilder<O> {
    /// new
    pub fn new(operator: O) -> Self {
        Self { operator }
    }
}
