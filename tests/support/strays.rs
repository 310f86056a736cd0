//! Kinds that a cluster may have otherwise than they are declared.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

use crate::by::by_closures;
use crate::kinds::{Comet, Shelf};

/// A resource of a group of which nothing is served.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "stray.steersman.dev", version = "v1", kind = "Stray", plural = "strays", namespaced)]
pub struct StraySpec {}

/// Shelves with comets.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(Comet)]
pub struct Stargazer;

/// Shelves with what is not there.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(Stray, one)]
pub struct Dreamer;

/// A comet as if it belonged to no namespace.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Comet", root = "Nomad", plural = "comets")]
#[serde(default)]
pub struct NomadSpec {
    /// Something that may be changed.
    pub note: String,
}

by_closures! {
    Stargazer, Shelf, StargazerSnapshot, StargazerContext, StargazerReconciler, StargazerOperator;
    Dreamer, Shelf, DreamerSnapshot, DreamerContext, DreamerReconciler, DreamerOperator;
    Nomad, Nomad, NomadSnapshot, NomadContext, NomadReconciler, NomadOperator;
}
