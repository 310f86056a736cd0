// The WebApp operator as the Kubebuilder book teaches it: watches of the primary and of what it owns without predicates,
// one worker, reads from the cache, CreateOrUpdate, and the framework's defaults, with which requests are not limited.
package main

import (
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"webapp-operator/api"
	"webapp-operator/bench"
)

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(api.AddToScheme(scheme))

	if err := run(scheme); err != nil {
		ctrl.Log.Error(err, "the operator ended")
		os.Exit(1)
	}
}

func run(scheme *runtime.Scheme) error {
	mgr, err := ctrl.NewManager(bench.Config(), ctrl.Options{
		Scheme:  scheme,
		Metrics: bench.NoMetrics,
		Client:  client.Options{FieldOwner: "webapp-operator"},
	})
	if err != nil {
		return err
	}
	reconciler := &WebAppReconciler{Client: mgr.GetClient(), Scheme: scheme}
	if err := reconciler.SetupWithManager(mgr); err != nil {
		return err
	}
	return mgr.Start(ctrl.SetupSignalHandler())
}
