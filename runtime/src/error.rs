//! Errors of the runtime.

/// stub
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// stub
    #[error("stub")]
    Stub,
}
