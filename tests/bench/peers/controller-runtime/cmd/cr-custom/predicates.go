package main

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// part is what Reconcile sets or reads of an object.
type part struct {
	labels        map[string]string
	owners        []metav1.OwnerReference
	content       any
	readyReplicas int32
	ready         bool
}

func relevant(object client.Object) part {
	p := part{labels: object.GetLabels(), owners: object.GetOwnerReferences()}
	switch o := object.(type) {
	case *appsv1.Deployment:
		p.content = o.Spec
		p.readyReplicas, p.ready = api.Readiness(o)
	case *corev1.Service:
		p.content = o.Spec
	case *corev1.ConfigMap:
		p.content = o.Data
	}
	return p
}
