// Package wide is what the wide form adds: it follows the ReplicaSets and Pods of the Deployment.
package wide

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// byController is the index of ReplicaSets and Pods by the UID of what controls them.
const byController = "controller"

// Watch adds the ReplicaSets and Pods to a controller. The predicates choose their events.
func Watch(b *builder.Builder, mgr ctrl.Manager, replicaSets, pods []predicate.Predicate) error {
	for _, kind := range []client.Object{&appsv1.ReplicaSet{}, &corev1.Pod{}} {
		if err := mgr.GetFieldIndexer().IndexField(context.Background(), kind, byController, controllerUID); err != nil {
			return err
		}
	}
	toPrimary := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		return primaryOf(ctx, mgr.GetClient(), object)
	})
	b.Watches(&appsv1.ReplicaSet{}, toPrimary, builder.WithPredicates(replicaSets...))
	b.Watches(&corev1.Pod{}, toPrimary, builder.WithPredicates(pods...))
	return nil
}

// ReadyPods counts the ready Pods that the owner chain leads from to the Deployment. Terminating ones do not count.
func ReadyPods(ctx context.Context, reader client.Reader, deployment *appsv1.Deployment) (int32, error) {
	var replicaSets appsv1.ReplicaSetList
	if err := reader.List(ctx, &replicaSets, controlledBy(deployment)...); err != nil {
		return 0, err
	}
	var ready int32
	for i := range replicaSets.Items {
		var pods corev1.PodList
		if err := reader.List(ctx, &pods, controlledBy(&replicaSets.Items[i])...); err != nil {
			return 0, err
		}
		for j := range pods.Items {
			if IsReady(&pods.Items[j]) {
				ready++
			}
		}
	}
	return ready, nil
}

// IsReady says whether a Pod counts.
func IsReady(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp.IsZero() && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func controllerUID(object client.Object) []string {
	if owner := metav1.GetControllerOf(object); owner != nil {
		return []string{string(owner.UID)}
	}
	return nil
}

func controlledBy(object client.Object) []client.ListOption {
	return []client.ListOption{
		client.InNamespace(object.GetNamespace()),
		client.MatchingFields{byController: string(object.GetUID())},
	}
}

// primaryOf climbs from a Pod or ReplicaSet to the WebApp, by what the cache knows of the owners.
func primaryOf(ctx context.Context, reader client.Reader, object client.Object) []reconcile.Request {
	for {
		owner := metav1.GetControllerOf(object)
		if owner == nil {
			return nil
		}
		key := types.NamespacedName{Namespace: object.GetNamespace(), Name: owner.Name}
		switch owner.Kind {
		case "WebApp":
			return []reconcile.Request{{NamespacedName: key}}
		case "Deployment":
			object = &appsv1.Deployment{}
		case "ReplicaSet":
			object = &appsv1.ReplicaSet{}
		default:
			return nil
		}
		if err := reader.Get(ctx, key, object); err != nil || object.GetUID() != owner.UID {
			return nil
		}
	}
}
