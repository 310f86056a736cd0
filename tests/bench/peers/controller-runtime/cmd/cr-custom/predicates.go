package main

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"webapp-operator/api"
)

// matters lets deletions pass and the updates in which anything changes that Reconcile sets or reads. What comes into being
// was made by Reconcile itself; after a start the primary wakes it.
var matters = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		return !equality.Semantic.DeepEqual(relevant(e.ObjectOld), relevant(e.ObjectNew))
	},
}

// relevant is what Reconcile sets or reads of an object. The observed generation is left out: an annotation, too, raises the
// generation of a Deployment, and Reconcile looks again where only that is missing.
func relevant(object client.Object) []any {
	parts := []any{object.GetLabels(), object.GetOwnerReferences()}
	switch o := object.(type) {
	case *appsv1.Deployment:
		return append(parts, o.Spec, o.Status.ReadyReplicas, api.AllReady(o))
	case *corev1.Service:
		return append(parts, o.Spec)
	case *corev1.ConfigMap:
		return append(parts, o.Data)
	}
	return parts
}
