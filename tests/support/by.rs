//! Operators whose reconcilers are closures.

use steersman::{Action, BoxError};

use crate::Journal;

/// What a reconciler that is a closure answers.
pub type Reconciled = Result<Action, BoxError>;

/// A reconciler that is a closure, with the journal of its runs.
#[derive(Debug)]
pub struct By<F> {
    pub(crate) journal: Journal,
    pub(crate) reconcile: F,
}

/// For each operator without further methods a constructor from a closure, and the reconciler behind it.
macro_rules! by_closures {
    ($($operator:ident, $primary:ident, $snapshot:ident, $context:ident, $reconciler:ident, $adapter:ident;)*) => {$(
        impl $operator {
            /// The operator whose `reconcile` is this closure. Before each run, `<name>: <triggers>` is noted.
            pub fn by<F, R>(journal: &$crate::Journal, reconcile: F) -> steersman::OperatorBuilder<$adapter<$crate::by::By<F>>>
            where
                F: Fn(std::sync::Arc<$primary>, $snapshot, $context) -> R + Send + Sync + 'static,
                R: Future<Output = $crate::by::Reconciled> + Send + 'static,
            {
                Self::operator($crate::by::By { journal: journal.clone(), reconcile })
            }
        }

        impl<F, R> $reconciler for $crate::by::By<F>
        where
            F: Fn(std::sync::Arc<$primary>, $snapshot, $context) -> R + Send + Sync + 'static,
            R: Future<Output = $crate::by::Reconciled> + Send + 'static,
        {
            type Error = steersman::BoxError;

            async fn reconcile(&self, primary: std::sync::Arc<$primary>, seen: $snapshot, cx: $context) -> $crate::by::Reconciled {
                self.journal.note(format!("{}: {}", kube::ResourceExt::name_any(&*primary), cx.triggers()));
                (self.reconcile)(primary, seen, cx).await
            }
        }
    )*};
}

pub(crate) use by_closures;
