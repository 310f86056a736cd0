//! The names that generated code uses. Not a public interface: it changes without notice.

pub use core;
pub use serde::Serialize;
pub use std;

pub use crate::kind::Kind;
pub use crate::kinds::{DeclaresStatus, HasGeneration, HasSpec};
pub use crate::operator::{BoxError, Declaration, Secondary};
pub use crate::projection::{Projection, ProjectionHasher, project};
pub use crate::snapshot::View;
pub use crate::write::Run;
