package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

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

// Reconcile is called with the name of a WebApp when it or anything that it owns has changed.
func (r *WebAppReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	app := &api.WebApp{}
	if err := r.Get(ctx, req.NamespacedName, app); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	if !app.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(app, api.Finalizer) {
			// Everything it owns is collected by Kubernetes; what lies outside of the cluster would be removed here.
			ctrl.LoggerFrom(ctx).Info("cleaned up", "image", app.Spec.Image)
			return ctrl.Result{}, client.IgnoreNotFound(r.Update(ctx, app))
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(app, api.Finalizer) {
		if err := r.Update(ctx, app); err != nil {
			return ctrl.Result{}, err
		}
	}

	if err := r.reconcileConfigMaps(ctx, app); err != nil {
		return ctrl.Result{}, err
	}
	deployment := &appsv1.Deployment{ObjectMeta: metadata(app, app.Name)}
	if err := r.createOrUpdate(ctx, app, deployment, func() { desired.Deployment(app, deployment) }); err != nil {
		return ctrl.Result{}, err
	}
	service := &corev1.Service{ObjectMeta: metadata(app, app.Name)}
	if err := r.createOrUpdate(ctx, app, service, func() { desired.Service(app, service) }); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.updateStatus(ctx, app, deployment)
}

func (r *WebAppReconciler) reconcileConfigMaps(ctx context.Context, app *api.WebApp) error {
	for name, data := range desired.ConfigMaps(app) {
		config := &corev1.ConfigMap{ObjectMeta: metadata(app, name)}
		if err := r.createOrUpdate(ctx, app, config, func() { desired.ConfigMap(app, config, data) }); err != nil {
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

// createOrUpdate compares with what the cache holds, and writes only a difference.
func (r *WebAppReconciler) createOrUpdate(ctx context.Context, app *api.WebApp, object client.Object, mutate func()) error {
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, object, func() error {
		mutate()
		return controllerutil.SetControllerReference(app, object, r.Scheme)
	})
	return err
}

func (r *WebAppReconciler) updateStatus(ctx context.Context, app *api.WebApp, deployment *appsv1.Deployment) error {
	status := api.WebAppStatus{ObservedGeneration: app.Generation}
	status.ReadyReplicas, status.Ready = api.Readiness(deployment)
	if bench.Wide() {
		pods, err := wide.ReadyPods(ctx, r, deployment)
		if err != nil {
			return err
		}
		status.ReadyReplicas, status.Ready = pods, status.Ready && pods == app.Spec.Replicas
	}
	if app.Status == status {
		return nil
	}
	app.Status = status
	return r.Status().Update(ctx, app)
}

func metadata(app *api.WebApp, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: app.Namespace, Name: name}
}

// SetupWithManager registers the controller.
func (r *WebAppReconciler) SetupWithManager(mgr ctrl.Manager) error {
	controller := ctrl.NewControllerManagedBy(mgr).
		For(&api.WebApp{}).
		Owns(&appsv1.Deployment{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.ConfigMap{})
	if bench.Wide() {
		if err := wide.Watch(controller, mgr, nil, nil); err != nil {
			return err
		}
	}
	return controller.Complete(bench.Counted(r))
}
