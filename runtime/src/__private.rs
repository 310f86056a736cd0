//! The names that generated code uses. Not a public interface: it changes without notice.

pub use core;
pub use kube::core::{Expression, PartialObjectMeta};
pub use serde::Serialize;
pub use std;
pub use steersman_macros::check_reconciler;

pub use crate::kind::Kind;
pub use crate::kinds::{DeclaresStatus, DerivedFacts, Facts, HasData, HasGeneration, HasSpec, HasStatus, NoStatus};
pub use crate::operator::{BoxError, Declaration, ReconcilerError, Secondary};
pub use crate::projection::{ProjectByHash, ProjectBySerialize, ProjectNothing, Projection, ProjectionHasher};
pub use crate::refer::{ReferAlone, ReferEach, ReferNothing, Taken, map, take};
pub use crate::selectable::{AnyType, Refusal, Selectable, TypeOf};
pub use crate::snapshot::View;
pub use crate::write::{ReadOnly, Run};
