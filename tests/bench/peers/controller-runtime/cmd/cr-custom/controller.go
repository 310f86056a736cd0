package main

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"webapp-operator/api"
	"webapp-operator/bench"
	"webapp-operator/desired"
	"webapp-operator/wide"
)

// WebAppReconciler brings the cluster to what a WebApp asks for.
type WebAppReconciler struct {
	client.Client
	Scheme *runtime.Scheme
}

// Reconcile is called with the name of a WebApp when its spec or what matters of its objects has changed.
func (r *WebAppReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	app := &api.WebApp{}
	if err := r.Get(ctx, req.NamespacedName, app); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !app.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.cleanUp(ctx, app)
	}
	if err := r.changeFinalizer(ctx, app, controllerutil.AddFinalizer); err != nil {
		return ctrl.Result{}, err
	}

	if err := r.reconcileConfigMaps(ctx, app); err != nil {
		return ctrl.Result{}, err
	}
	deployment := &appsv1.Deployment{ObjectMeta: metadata(app, app.Name)}
	if err := r.createOrPatch(ctx, app, deployment, func() { desired.Deployment(app, deployment) }); err != nil {
		return ctrl.Result{}, err
	}
	service := &corev1.Service{ObjectMeta: metadata(app, app.Name)}
	if err := r.createOrPatch(ctx, app, service, func() { desired.Service(app, service) }); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.patchStatus(ctx, app, deployment); err != nil {
		return ctrl.Result{}, err
	}
	if api.AllReady(deployment) && deployment.Status.ObservedGeneration != deployment.Generation {
		// The event of the observed generation alone does not come here. Any other in this time replaces this requeue.
		return ctrl.Result{RequeueAfter: time.Second}, nil
	}
	return ctrl.Result{}, nil
}

func (r *WebAppReconciler) cleanUp(ctx context.Context, app *api.WebApp) error {
	if controllerutil.ContainsFinalizer(app, api.Finalizer) {
		// Everything it owns is collected by Kubernetes; what lies outside of the cluster would be removed here.
		ctrl.LoggerFrom(ctx).Info("cleaned up", "image", app.Spec.Image)
	}
	return client.IgnoreNotFound(r.changeFinalizer(ctx, app, controllerutil.RemoveFinalizer))
}

// changeFinalizer patches with the resource version, since a merge patch replaces the whole list.
func (r *WebAppReconciler) changeFinalizer(
	ctx context.Context, app *api.WebApp, change func(client.Object, string) bool,
) error {
	patch := client.MergeFromWithOptions(app.DeepCopy(), client.MergeFromWithOptimisticLock{})
	if !change(app, api.Finalizer) {
		return nil
	}
	return r.Patch(ctx, app, patch)
}

func (r *WebAppReconciler) reconcileConfigMaps(ctx context.Context, app *api.WebApp) error {
	for name, data := range desired.ConfigMaps(app) {
		config := &corev1.ConfigMap{ObjectMeta: metadata(app, name)}
		if err := r.createOrPatch(ctx, app, config, func() { desired.ConfigMap(app, config, data) }); err != nil {
			return err
		}
	}
	if app.Spec.Files != nil {
		return nil
	}
	files := &corev1.ConfigMap{}
	err := r.Get(ctx, client.ObjectKey{Namespace: app.Namespace, Name: desired.FilesName(app)}, files)
	if err == nil && metav1.IsControlledBy(files, app) {
		err = r.Delete(ctx, files)
	}
	return client.IgnoreNotFound(err)
}

// createOrPatch compares with what the cache holds, and writes only a difference. A patch meets no conflict when the status
// of the object has gone on meanwhile.
func (r *WebAppReconciler) createOrPatch(ctx context.Context, app *api.WebApp, object client.Object, mutate func()) error {
	_, err := controllerutil.CreateOrPatch(ctx, r.Client, object, func() error {
		mutate()
		return controllerutil.SetControllerReference(app, object, r.Scheme)
	})
	return err
}

// patchStatus writes only a change. As long as there is no status, one that says that nothing is ready would be no news.
func (r *WebAppReconciler) patchStatus(ctx context.Context, app *api.WebApp, deployment *appsv1.Deployment) error {
	status := api.WebAppStatus{ObservedGeneration: app.Generation}
	status.ReadyReplicas, status.Ready = api.Readiness(deployment)
	if bench.Wide() {
		pods, err := wide.ReadyPods(ctx, r, deployment)
		if err != nil {
			return err
		}
		status.ReadyReplicas, status.Ready = pods, status.Ready && pods == app.Spec.Replicas
	}
	isNews := app.Status.ObservedGeneration > 0 || status.Ready || status.ReadyReplicas > 0
	if app.Status == status || !isNews {
		return nil
	}
	patch := client.MergeFrom(app.DeepCopy())
	app.Status = status
	return r.Status().Patch(ctx, app, patch)
}

func metadata(app *api.WebApp, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: app.Namespace, Name: name}
}

// SetupWithManager registers the controller.
func (r *WebAppReconciler) SetupWithManager(mgr ctrl.Manager) error {
	own := builder.WithPredicates(matters)
	b := ctrl.NewControllerManagedBy(mgr).
		For(&api.WebApp{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Owns(&appsv1.Deployment{}, own).
		Owns(&corev1.Service{}, own).
		Owns(&corev1.ConfigMap{}, own).
		WithOptions(controller.Options{MaxConcurrentReconciles: 10})
	if bench.Wide() {
		replicaSets, pods := []predicate.Predicate{comesOrGoes}, []predicate.Predicate{readinessChanged}
		if err := wide.Watch(b, mgr, replicaSets, pods); err != nil {
			return err
		}
	}
	return b.Complete(bench.Counted(r))
}
