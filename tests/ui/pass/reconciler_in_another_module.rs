//! The check finds the declaration wherever the trait is found; what aliases hide is the compiler's.

#![deny(warnings)]

mod declared {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use steersman::Operator;

    #[derive(Operator)]
    #[operator(primary = "Pod")]
    #[secondary(ConfigMap, handler)]
    pub struct Audit;

    #[derive(Operator)]
    #[operator(primary = Pod)]
    pub(super) struct Nothing;
}

mod imported {
    use std::sync::Arc;

    use k8s_openapi::api::core::v1::Pod;
    use steersman::{Action, Handled, WriteError};

    use crate::declared::{AuditContext as Context, AuditReconciler, AuditSnapshot as Seen};

    type Answer<T> = Result<T, WriteError>;

    pub(crate) struct Controller;

    #[steersman::reconciler]
    impl AuditReconciler for Controller {
        type Error = WriteError;

        async fn reconcile(&self, pod: Arc<Pod>, _: Seen, cx: Context) -> Answer<Action> {
            drop(pod);
            cx.config_maps().prune(["kept"]).await?;
            Ok(Action::await_change())
        }

        async fn reconcile_config_maps(&self, _: Arc<Pod>, _: Seen, _: Context) -> Answer<Handled> {
            Ok(Handled::Done)
        }
    }
}

struct Controller<T>(T);

#[steersman::reconciler]
impl<T: Send + Sync + 'static> declared::NothingReconciler for Controller<T> {
    type Error = std::io::Error;

    fn reconcile(
        &self,
        _: std::sync::Arc<k8s_openapi::api::core::v1::Pod>,
        _: declared::NothingSnapshot,
        _: declared::NothingContext,
    ) -> impl Future<Output = Result<steersman::Action, std::io::Error>> + Send {
        async { Ok(steersman::Action::await_change()) }
    }
}

fn main() {
    drop((declared::Audit::operator(imported::Controller), declared::Nothing::operator(Controller(()))));
}
