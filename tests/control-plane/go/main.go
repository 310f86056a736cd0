// Command control-plane is a whole Kubernetes control plane in one program. The name by which it is called, or else its
// first argument, chooses which part it is.
//
// Parts run as separate processes, so that a test can kill, stop and restart each alone.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // CronJobs name time zones

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	nodestages "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeatstages "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat"
	podstages "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

// stagesFile is written into kwok's working folder.
const stagesFile = "stages.yaml"

// podEnd is the stage in which a running Pod of a Job ends. An annotation of the Pod chooses how: kwok's own stage would let all of
// them succeed at once.
const podEnd = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: pod-end-%[1]s
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:
    - { key: '.metadata.deletionTimestamp', operator: DoesNotExist }
    - { key: '.status.phase', operator: In, values: [Running] }
    - { key: '.metadata.ownerReferences.[].kind', operator: In, values: [Job] }
    - { key: '.metadata.annotations["control-plane.steersman.dev/job"]', operator: %[2]s }
  next:
    statusTemplate: |
      {{ $now := Now }}
      conditions:
      - { type: Ready, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }} }
      - { type: ContainersReady, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }} }
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        name: {{ .name | Quote }}
        ready: false
        restartCount: 0
        started: false
        state:
          terminated: { exitCode: %[3]d, reason: %[4]s, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} }
      {{ end }}
      phase: %[5]s
`

var parts = map[string]func(){
	"etcd":                    runEtcd,
	"kube-apiserver":          func() { os.Exit(cli.Run(apiserver.NewAPIServerCommand())) },
	"kube-controller-manager": func() { os.Exit(cli.Run(controllermanager.NewControllerManagerCommand())) },
	"kube-scheduler":          func() { os.Exit(cli.Run(scheduler.NewSchedulerCommand())) },
	"kwok":                    runKwok,
}

func main() {
	run, found := parts[filepath.Base(os.Args[0])]
	if !found && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		run, found = parts[os.Args[0]]
	}
	if !found {
		fail(fmt.Errorf("name a part: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kwok"))
	}
	run()
}

// runEtcd keeps etcd small on disk: it reserves two segments of its log at once, of 64 MB each by default.
func runEtcd() {
	wal.SegmentSizeBytes = 8 << 20
	etcdmain.Main(os.Args)
}

// runKwok does what kwok's own main does, with the stages that come with kwok: without stages it does nothing to Pods.
func runKwok() {
	// The API server registers a global --version flag of another type than kwok's.
	pflag.CommandLine = pflag.NewFlagSet("kwok", pflag.ContinueOnError)

	stages := strings.Join([]string{
		nodestages.DefaultNodeInit,
		heartbeatstages.DefaultNodeHeartbeat,
		podstages.DefaultPodReady,
		fmt.Sprintf(podEnd, "succeeded", "NotIn, values: [runs, fails]", 0, "Completed", "Succeeded"),
		fmt.Sprintf(podEnd, "failed", "In, values: [fails]", 1, "Error", "Failed"),
		podstages.DefaultPodDelete,
	}, "\n---\n")
	if err := os.WriteFile(stagesFile, []byte(stages), 0o600); err != nil {
		fail(err)
	}
	os.Args = append(os.Args, "--config="+stagesFile)

	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx, _ := kwoklog.InitFlags(signals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		fail(err)
	}
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	if err := command.ExecuteContext(ctx); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
