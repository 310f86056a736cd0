// The WebApp operator tuned by hand: events are chosen by predicates, ten workers, reads from a slim cache that waits for
// own writes, and a status that is written only when it changes. Requests are not limited, as is the framework's default.
// (Warm-up would begin the watches before this process leads. There is no election, so it would change nothing.)
package main

import (
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
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
		Cache:   cache.Options{DefaultTransform: slim},
		Client: client.Options{
			FieldOwner: "webapp-operator",
			Cache:      &client.CacheOptions{EnableReadYourWritesConsistency: ptr.To(true)},
		},
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

// slim keeps out of the cache what nobody reads: who manages which fields, and the data of foreign ConfigMaps.
func slim(object any) (any, error) {
	if config, ok := object.(*corev1.ConfigMap); ok {
		if owner := metav1.GetControllerOf(config); owner == nil || owner.Kind != "WebApp" {
			config.Data, config.BinaryData = nil, nil
		}
	}
	return cache.TransformStripManagedFields()(object)
}
