//! The names that generated code uses. Not a public interface: it changes without notice.

pub use core;
pub use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
pub use kube::core::{Expression, PartialObjectMeta};
pub use serde::Serialize;
pub use std;
pub use steersman_macros::check_reconciler;

pub use crate::debounce::waits;
pub use crate::filter::passes;
pub use crate::kind::Kind;
pub use crate::kinds::{AnyType, DeclaresStatus, HasData, HasGeneration, HasSpec, HasStatus, TypeOf};
pub use crate::operator::{BoxError, Declaration, ReconcilerError};
pub use crate::projection::{ProjectByHash, ProjectBySerialize, ProjectNothing, Projection, ProjectionHasher};
pub use crate::refer::{ReferAlone, ReferEach, ReferNothing, Taken, map, take};
pub use crate::secondary::Secondary;
pub use crate::selectable::{Refusal, Selectable};
pub use crate::snapshot::View;
pub use crate::write::{ReadOnly, Run};
