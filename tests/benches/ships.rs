//! A kind to which ConfigMaps are related in every way there is, one operator for each.

#![allow(dead_code, reason = "an operator is used by its adapter, never made")]

use std::convert::Infallible;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::{CustomResource, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, ObjectRef, Operator};

use crate::objects::LABEL;

/// Names what it refers to.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Ship", namespaced)]
pub(crate) struct ShipSpec {
    pub(crate) names: Vec<String>,
}

#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(ConfigMap, read_only)]
pub(crate) struct Owning;

#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(ConfigMap, label = "app.kubernetes.io/instance")]
pub(crate) struct Labelling;

#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(ConfigMap, annotation = "bench.steersman.dev/ship")]
pub(crate) struct Annotating;

#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(ConfigMap, reference = |ship| ship.spec.names.iter())]
pub(crate) struct Referring;

#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(Deployment, read_only)]
#[secondary(ReplicaSet, through = Deployment)]
#[secondary(ConfigMap, through = ReplicaSet)]
pub(crate) struct Reaching;

#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(ConfigMap, map = ship_of, unbounded)]
pub(crate) struct Mapping;

/// Secrets by reference.
#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(Secret, reference = |ship| ship.spec.names.iter())]
pub(crate) struct Unlocking;

/// Secrets that are its own.
#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(Secret, read_only)]
pub(crate) struct Hiding;

/// Down to the Pods.
#[derive(Operator, Debug)]
#[operator(primary = Ship, resync = "off")]
#[secondary(Deployment, read_only)]
#[secondary(ReplicaSet, through = Deployment)]
#[secondary(Pod, through = ReplicaSet)]
pub(crate) struct Crewed;

/// The annotation that names a ship.
pub(crate) const ANNOTATION: &str = "bench.steersman.dev/ship";

/// The ship that a label names.
pub(crate) fn ship_of(map: &ConfigMap) -> Option<ObjectRef<Ship>> {
    map.labels().get(LABEL).map(ObjectRef::new)
}

/// A reconciler that no benchmark calls.
#[derive(Debug)]
pub(crate) struct Moored;

macro_rules! moored {
    ($($reconciler:ident, $snapshot:ident, $context:ident;)*) => {$(
        impl $reconciler for Moored {
            type Error = Infallible;

            async fn reconcile(&self, _: Arc<Ship>, _: $snapshot, _: $context) -> Result<Action, Infallible> {
                Ok(Action::await_change())
            }
        }
    )*};
}

moored! {
    OwningReconciler, OwningSnapshot, OwningContext;
    LabellingReconciler, LabellingSnapshot, LabellingContext;
    AnnotatingReconciler, AnnotatingSnapshot, AnnotatingContext;
    ReferringReconciler, ReferringSnapshot, ReferringContext;
    ReachingReconciler, ReachingSnapshot, ReachingContext;
    MappingReconciler, MappingSnapshot, MappingContext;
    UnlockingReconciler, UnlockingSnapshot, UnlockingContext;
    HidingReconciler, HidingSnapshot, HidingContext;
    CrewedReconciler, CrewedSnapshot, CrewedContext;
}
