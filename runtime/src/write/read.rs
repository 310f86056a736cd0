//! What a run may do with a secondary that it may not write.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::state::RunState;
use crate::error::WriteError;
use crate::kind::Kind;
use crate::snapshot::Secondaries;

/// The secondary of a `#[secondary(..)]` declaration that is read only, within one run: what is not owned and does not say
/// `write`, what is `read_only`, and what is `metadata`.
pub struct ReadHandle<K> {
    run: Arc<RunState>,
    secondary: usize,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> ReadHandle<K> {
    pub(crate) fn new(run: Arc<RunState>, secondary: usize) -> Self {
        Self { run, secondary, kind: PhantomData }
    }

    /// All objects of this secondary, as the run sees them now; more than one even where `one` is declared.
    pub fn all(&self) -> Secondaries<K> {
        self.run.sight().view().many(self.secondary)
    }
}

/// A kind that may be written through a [`ReadHandle`]: none. The bound of its methods for writing, so that the message names
/// the remedy.
#[diagnostic::on_unimplemented(
    message = "this secondary is read only: it says `read_only` or `metadata`, or it is not owned and does not say `write`",
    label = "cannot be written",
    note = "to write what is not owned, say so: `#[secondary(.., write)]`; what is owned is written without `read_only`; of what is \
            `metadata` nothing can be written"
)]
#[doc(hidden)]
pub trait ReadOnly {}

macro_rules! refused {
    ($($method:ident($($argument:ident),+) -> $answer:ty;)*) => {
        impl<K> ReadHandle<K> {
            $(
                /// Cannot be called; its bound says what is missing. It answers as it would of what can be written, so that nothing
                /// else is wrong.
                #[doc(hidden)]
                pub fn $method<$($argument),+>(&self, $(_: $argument),+) -> std::future::Pending<Result<$answer, WriteError>>
                where
                    Self: ReadOnly,
                {
                    std::future::pending()
                }
            )*
        }
    };
}

refused! {
    apply(T) -> Arc<K>;
    adopt(T) -> Arc<K>;
    create(T) -> Arc<K>;
    replace(T) -> Arc<K>;
    patch(N, P) -> Arc<K>;
    patch_in(S, N, P) -> Arc<K>;
    delete(N) -> bool;
    delete_in(S, N) -> bool;
    delete_with(N, D) -> bool;
    prune(I) -> usize;
}

impl<K> Clone for ReadHandle<K> {
    fn clone(&self) -> Self {
        Self { run: self.run.clone(), secondary: self.secondary, kind: PhantomData }
    }
}

impl<K: Kind> fmt::Debug for ReadHandle<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHandle")
            .field("kind", &K::info())
            .field("primary", &self.run.primary().key)
            .finish_non_exhaustive()
    }
}
