package main

import (
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"webapp-operator/wide"
)

// comesOrGoes is for the ReplicaSets, of which only that they exist is read.
var comesOrGoes = predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}

// readinessChanged is for the Pods: it lets those pass that begin or cease to count.
var readinessChanged = predicate.Funcs{
	CreateFunc: func(e event.CreateEvent) bool { return isReady(e.Object) },
	UpdateFunc: func(e event.UpdateEvent) bool { return isReady(e.ObjectOld) != isReady(e.ObjectNew) },
	DeleteFunc: func(e event.DeleteEvent) bool { return isReady(e.Object) },
}

func isReady(object client.Object) bool {
	pod, ok := object.(*corev1.Pod)
	return ok && wide.IsReady(pod)
}
