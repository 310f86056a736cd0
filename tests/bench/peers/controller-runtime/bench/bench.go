// Package bench is what the benchmark asks of a candidate: its user agent, and a file with the number of its reconciles.
package bench

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// NoMetrics leaves out the metrics port, which candidates would fight for.
var NoMetrics = server.Options{BindAddress: "0"}

// Config is the way to the API server, which KUBECONFIG names. Only warnings and errors are logged.
func Config() *rest.Config {
	ctrl.SetLogger(zap.New(zap.Level(zapcore.WarnLevel)))
	config := ctrl.GetConfigOrDie()
	if agent := os.Getenv("BENCH_USER_AGENT"); agent != "" {
		config.UserAgent = agent
	}
	return config
}

// Wide says whether ReplicaSets and Pods are followed, too.
func Wide() bool { return os.Getenv("BENCH_WIDE") == "1" }

// Counted counts the runs of a reconciler in the file BENCH_COUNTER.
func Counted(inner reconcile.Reconciler) reconcile.Reconciler {
	path := os.Getenv("BENCH_COUNTER")
	if path == "" {
		return inner
	}
	counted := &counted{inner: inner}
	go counted.keep(path)
	return counted
}

type counted struct {
	inner reconcile.Reconciler
	runs  atomic.Int64
}

func (c *counted) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	c.runs.Add(1)
	return c.inner.Reconcile(ctx, request)
}

// keep writes the number beside the file and renames it, so that nobody reads half of it.
func (c *counted) keep(path string) {
	for written := int64(-1); ; time.Sleep(50 * time.Millisecond) {
		runs := c.runs.Load()
		if runs == written {
			continue
		}
		err := os.WriteFile(path+".new", []byte(strconv.FormatInt(runs, 10)), 0o644)
		if err == nil {
			err = os.Rename(path+".new", path)
		}
		if err != nil {
			ctrl.Log.Error(err, "the number of reconciles cannot be written")
			continue
		}
		written = runs
	}
}
