//! What a run may do with a secondary that it may not write.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::state::RunState;
use crate::kind::Kind;
use crate::snapshot::Secondaries;

/// The secondary of a `#[secondary(..)]` declaration that is read only, within one run: what is not owned and does not say
/// `write`, and what is declared `metadata`.
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
    message = "this secondary is read only: it is not owned, and does not say `write`, or it is `metadata`",
    label = "cannot be written",
    note = "to write what is not owned, say so: `#[secondary(.., write)]`; what is `metadata` cannot be written"
)]
#[doc(hidden)]
pub trait ReadOnly {}

macro_rules! refused {
    ($($method:ident),*) => {
        impl<K> ReadHandle<K> {
            $(
                /// Cannot be called; its bound says what is missing.
                #[doc(hidden)]
                pub fn $method<T>(&self, _: T) -> std::future::Pending<()>
                where
                    Self: ReadOnly,
                {
                    std::future::pending()
                }
            )*
        }
    };
}

refused!(apply, adopt, create, replace, delete, prune);

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
