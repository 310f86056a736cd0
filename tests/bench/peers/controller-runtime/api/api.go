// Package api declares the custom resource.
// +kubebuilder:object:generate=true
// +groupName=demo.steersman.dev
package api

import (
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
)

// Finalizer holds a WebApp until it is cleaned up.
const Finalizer = "demo.steersman.dev/cleanup"

var (
	// GroupVersion is what the types of this package belong to.
	GroupVersion = schema.GroupVersion{Group: "demo.steersman.dev", Version: "v1"}
	// AddToScheme makes the types of this package known to a scheme.
	AddToScheme = schemeBuilder.AddToScheme

	schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &WebApp{}, &WebAppList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

// WebAppSpec says what is asked for.
type WebAppSpec struct {
	// Image is the container image.
	Image string `json:"image"`
	// Replicas says how many Pods.
	// +kubebuilder:validation:Minimum=0
	Replicas int32 `json:"replicas"`
	// Port is the one that the container listens on and the Service offers.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port"`
	// Tier is a label for all objects, such as `frontend`.
	// +optional
	Tier *string `json:"tier,omitempty"`
	// Files are what the container finds in `/files`, by name.
	// +optional
	Files map[string]string `json:"files,omitempty"`
}

// WebAppStatus says what the operator found.
type WebAppStatus struct {
	// Ready says whether all replicas are up to date and ready.
	Ready bool `json:"ready"`
	// ReadyReplicas says how many replicas are ready.
	ReadyReplicas int32 `json:"readyReplicas"`
	// ObservedGeneration is the generation of the spec that this status is about.
	ObservedGeneration int64 `json:"observedGeneration"`
}

// WebApp is a web application.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
type WebApp struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitzero"`

	Spec   WebAppSpec   `json:"spec"`
	Status WebAppStatus `json:"status,omitzero"`
}

// WebAppList is a list of WebApps.
// +kubebuilder:object:root=true
type WebAppList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []WebApp `json:"items"`
}

// Readiness is what a status says of a Deployment: how many replicas are ready, and whether it is complete. It is when the
// Deployment controller has observed what is asked for, and all replicas are up to date and ready.
func Readiness(deployment *appsv1.Deployment) (int32, bool) {
	observed := deployment.Status.ObservedGeneration == deployment.Generation
	return deployment.Status.ReadyReplicas, observed && AllReady(deployment)
}

// AllReady says whether as many replicas as are asked for are up to date and ready, as far as the Deployment controller has
// observed.
func AllReady(deployment *appsv1.Deployment) bool {
	status, wanted := deployment.Status, ptr.Deref(deployment.Spec.Replicas, 1)
	return status.Replicas == wanted && status.UpdatedReplicas == wanted && status.ReadyReplicas == wanted
}
