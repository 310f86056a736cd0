//! Facts per kind that predicates depend on.
//!
//! The first table holds the stable kinds that `k8s-openapi` has for every Kubernetes version that it supports, so that it
//! compiles with each of them. Its facts were tried on a real API server.

use std::marker::PhantomData;

use kube::CustomResourceExt;

use k8s_openapi::api::admissionregistration::{v1 as admission, v1alpha1 as admission_alpha};
use k8s_openapi::api::apiserverinternal::v1alpha1 as apiserverinternal;
use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::autoscaling::{v1 as autoscaling_v1, v2 as autoscaling_v2};
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::certificates::{v1 as certificates, v1beta1 as certificates_beta};
use k8s_openapi::api::coordination::{
    v1 as coordination, v1alpha2 as coordination_alpha, v1beta1 as coordination_beta,
};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;
use k8s_openapi::api::flowcontrol::v1 as flowcontrol;
use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::api::policy::v1 as policy;
use k8s_openapi::api::resource::{v1alpha3 as resource_alpha, v1beta1 as resource_beta1, v1beta2 as resource_beta2};
use k8s_openapi::api::storage::v1 as storage;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1 as apiregistration;

use crate::kind::Kind;
use crate::selectable::Selectable;

/// A kind whose `metadata.generation` the API server moves when its spec changes: what `generation_changed` needs.
///
/// Known for the built-in kinds and for everything that derives `CustomResource`. For a kind that is neither, implement
/// it: `impl HasGeneration for MyKind {}`, or with a marker type of your own if the kind comes from another crate,
/// `impl HasGeneration<MyMarker> for TheirKind {}`. Not for a type that derives `CustomResource`: it has it already.
///
/// # Caveats
/// The generation of a Deployment moves with its annotations too, that of an EndpointSlice with its labels, and that of a
/// custom resource without status subresource with its status.
#[diagnostic::on_unimplemented(
    message = "`generation_changed` cannot be used on `{Self}`: the API server does not keep `metadata.generation` for it",
    label = "`{Self}` has no generation",
    note = "leave `predicate` out to compare the content, or name the fields that matter: `predicate = changed(|object| ..)`",
    note = "if the kind does have a generation, say so: `struct Marker; impl steersman::HasGeneration<Marker> for .. {{}}`"
)]
pub trait HasGeneration<Source = BuiltIn> {
    #[doc(hidden)]
    const OK: () = ();
}

/// A kind with a field `spec`: what `spec_changed` needs.
///
/// Known for the built-in kinds and for everything that derives `CustomResource`. For a kind that is neither, implement
/// it as described at [`HasGeneration`].
#[diagnostic::on_unimplemented(
    message = "`spec_changed` cannot be used on `{Self}`: it has no field `spec`",
    label = "`{Self}` has no `spec`",
    note = "leave `predicate` out to compare the content, or name the fields that matter: `predicate = changed(|object| ..)`",
    note = "if the kind does have a spec, say so: `struct Marker; impl steersman::HasSpec<Marker> for .. {{}}`"
)]
pub trait HasSpec<Source = BuiltIn> {
    #[doc(hidden)]
    const OK: () = ();
}

/// A kind with a field `status`: what `status_changed` needs.
///
/// Known for the built-in kinds and for everything that derives `CustomResource`. For a kind that is neither, implement
/// it as described at [`HasGeneration`].
#[diagnostic::on_unimplemented(
    message = "`status_changed` cannot be used on `{Self}`: it has no field `status`",
    label = "`{Self}` has no `status`",
    note = "leave `predicate` out to compare the content, or name the fields that matter: `predicate = changed(|object| ..)`",
    note = "if the kind does have a status, say so: `struct Marker; impl steersman::HasStatus<Marker> for .. {{}}`"
)]
pub trait HasStatus<Source = BuiltIn> {
    #[doc(hidden)]
    const OK: () = ();
}

/// A kind with a field `data`: what `data_changed` needs. ConfigMap and Secret; for a kind of yours, implement it as described
/// at [`HasGeneration`].
#[diagnostic::on_unimplemented(
    message = "`data_changed` cannot be used on `{Self}`: it has no field `data`",
    label = "`{Self}` has no `data`",
    note = "leave `predicate` out to compare the content, or name the fields that matter: `predicate = changed(|object| ..)`",
    note = "if the kind does have a field `data`, say so: `struct Marker; impl steersman::HasData<Marker> for .. {{}}`"
)]
pub trait HasData<Source = BuiltIn> {
    #[doc(hidden)]
    const OK: () = ();
}

/// A kind with a declared status of type `S`: never. What `apply_status` asks for where `#[kube(..)]` declares none, so
/// that the message names the remedy.
#[diagnostic::on_unimplemented(
    message = "`apply_status` needs a status, and `{Self}` declares none",
    label = "`{Self}` has no status",
    note = "declare its type: `#[kube(status = \"..\")]`"
)]
#[doc(hidden)]
pub trait DeclaresStatus<S> {}

/// What is known of a type, as constants that exist for every type: `TypeOf::<K>::HAS_STATUS`, with [`AnyType`] in scope. A
/// constant of the type itself hides that of the trait.
#[derive(Debug)]
#[doc(hidden)]
pub struct TypeOf<K>(PhantomData<K>);

impl<K: HasStatus<BuiltIn>> TypeOf<K> {
    /// It is a built-in kind with a status.
    pub const HAS_STATUS: bool = true;
}

impl<K: kube::core::object::HasStatus> TypeOf<K> {
    /// It is a custom resource with a status: `#[derive(CustomResource)]` implements kube's trait where one is declared.
    pub const DECLARES_STATUS: bool = true;
}

impl<K: CustomResourceExt> TypeOf<K> {
    /// The definition of this custom resource.
    pub const CRD: Option<fn() -> apiextensions::CustomResourceDefinition> = Some(K::crd);
    /// It is a custom resource.
    pub const IS_CUSTOM: bool = true;
}

impl<K: Kind + k8s_openapi::Resource> TypeOf<K> {
    /// It is a built-in kind.
    pub const IS_BUILT_IN: bool = true;
    /// What objects of this built-in kind can be selected by.
    pub const SELECTABLE: Option<Selectable> = Selectable::of(K::GROUP, K::KIND, K::NAMESPACED);
}

/// What is known of a type of which nothing is known.
#[doc(hidden)]
pub trait AnyType {
    /// It is no built-in kind with a status.
    const HAS_STATUS: bool = false;
    /// It is no custom resource with a status.
    const DECLARES_STATUS: bool = false;
    /// It is no custom resource, or one that is defined elsewhere.
    const CRD: Option<fn() -> apiextensions::CustomResourceDefinition> = None;
    /// It is not known to be a custom resource.
    const IS_CUSTOM: bool = false;
    /// It is not known to be a built-in kind.
    const IS_BUILT_IN: bool = false;
    /// Nobody knows what its objects can be selected by.
    const SELECTABLE: Option<Selectable> = None;
}

impl<K> AnyType for TypeOf<K> {}

/// The fact is known for a kind of Kubernetes itself.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct BuiltIn(());

/// The fact is known for every custom resource. A marker, because the compiler must assume that a built-in kind may
/// become a custom resource some day.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct ByDerive(());

#[diagnostic::do_not_recommend]
impl<K: CustomResourceExt> HasGeneration<ByDerive> for K {}

#[diagnostic::do_not_recommend]
impl<K: CustomResourceExt> HasSpec<ByDerive> for K {}

#[diagnostic::do_not_recommend]
impl<K: CustomResourceExt> HasStatus<ByDerive> for K {}

// Not by the macro below: the compiler shows these lines where somebody asks for the data of a kind without.
impl HasData for core::ConfigMap {}
impl HasData for core::Secret {}

macro_rules! facts {
    ($($kind:path: $($fact:ident),+;)*) => {
        $($(impl $fact for $kind {})+)*
    };
}

// Not here although the newest API servers keep a generation: HorizontalPodAutoscaler and PodTemplate. Older ones do not,
// or are not known to, and then a change would be lost. PriorityClass has one that never moves.
facts! {
    admission::MutatingWebhookConfiguration: HasGeneration;
    admission::ValidatingAdmissionPolicy: HasGeneration, HasSpec, HasStatus;
    admission::ValidatingAdmissionPolicyBinding: HasGeneration, HasSpec;
    admission::ValidatingWebhookConfiguration: HasGeneration;
    apiextensions::CustomResourceDefinition: HasGeneration, HasSpec, HasStatus;
    apiregistration::APIService: HasSpec, HasStatus;
    apps::DaemonSet: HasGeneration, HasSpec, HasStatus;
    apps::Deployment: HasGeneration, HasSpec, HasStatus;
    apps::ReplicaSet: HasGeneration, HasSpec, HasStatus;
    apps::StatefulSet: HasGeneration, HasSpec, HasStatus;
    autoscaling_v1::HorizontalPodAutoscaler: HasSpec, HasStatus;
    autoscaling_v2::HorizontalPodAutoscaler: HasSpec, HasStatus;
    batch::CronJob: HasGeneration, HasSpec, HasStatus;
    batch::Job: HasGeneration, HasSpec, HasStatus;
    certificates::CertificateSigningRequest: HasSpec, HasStatus;
    coordination::Lease: HasSpec;
    core::LimitRange: HasSpec;
    core::Namespace: HasSpec, HasStatus;
    core::Node: HasSpec, HasStatus;
    core::PersistentVolume: HasSpec, HasStatus;
    core::PersistentVolumeClaim: HasSpec, HasStatus;
    core::Pod: HasGeneration, HasSpec, HasStatus;
    core::ReplicationController: HasGeneration, HasSpec, HasStatus;
    core::ResourceQuota: HasSpec, HasStatus;
    core::Service: HasSpec, HasStatus;
    discovery::EndpointSlice: HasGeneration;
    flowcontrol::FlowSchema: HasGeneration, HasSpec, HasStatus;
    flowcontrol::PriorityLevelConfiguration: HasGeneration, HasSpec, HasStatus;
    networking::IPAddress: HasSpec;
    networking::Ingress: HasGeneration, HasSpec, HasStatus;
    networking::IngressClass: HasGeneration, HasSpec;
    networking::NetworkPolicy: HasGeneration, HasSpec;
    networking::ServiceCIDR: HasSpec, HasStatus;
    policy::PodDisruptionBudget: HasGeneration, HasSpec, HasStatus;
    storage::CSIDriver: HasGeneration, HasSpec;
    storage::CSINode: HasSpec;
    storage::VolumeAttachment: HasSpec, HasStatus;
}

// The kinds that are not stable, or not everywhere: what their types have. Their generations were not tried on all
// versions.
facts! {
    admission_alpha::MutatingAdmissionPolicy: HasSpec;
    admission_alpha::MutatingAdmissionPolicyBinding: HasSpec;
    apiserverinternal::StorageVersion: HasSpec, HasStatus;
    certificates_beta::ClusterTrustBundle: HasSpec;
    coordination_alpha::LeaseCandidate: HasSpec;
    coordination_beta::LeaseCandidate: HasSpec;
    resource_alpha::DeviceTaintRule: HasSpec;
    resource_beta1::DeviceClass: HasSpec;
    resource_beta1::ResourceClaim: HasSpec, HasStatus;
    resource_beta1::ResourceClaimTemplate: HasSpec;
    resource_beta1::ResourceSlice: HasSpec;
    resource_beta2::DeviceClass: HasSpec;
    resource_beta2::ResourceClaim: HasSpec, HasStatus;
    resource_beta2::ResourceClaimTemplate: HasSpec;
    resource_beta2::ResourceSlice: HasSpec;
}

k8s_openapi::k8s_if_ge_1_34! {
    facts! {
        k8s_openapi::api::resource::v1::DeviceClass: HasSpec;
        k8s_openapi::api::resource::v1::ResourceClaim: HasSpec, HasStatus;
        k8s_openapi::api::resource::v1::ResourceClaimTemplate: HasSpec;
        k8s_openapi::api::resource::v1::ResourceSlice: HasSpec;
    }
}

k8s_openapi::k8s_if_ge_1_35! {
    facts! {
        resource_alpha::DeviceTaintRule: HasStatus;
    }
}

k8s_openapi::k8s_if_ge_1_36! {
    facts! {
        admission::MutatingAdmissionPolicy: HasSpec;
        admission::MutatingAdmissionPolicyBinding: HasSpec;
    }
}

k8s_openapi::k8s_if_ge_1_37! {
    facts! {
        certificates::ClusterTrustBundle: HasSpec;
        certificates::PodCertificateRequest: HasSpec, HasStatus;
        storage::CSINode: HasStatus;
        k8s_openapi::api::storagemigration::v1::StorageVersionMigration: HasSpec, HasStatus;
    }
}
