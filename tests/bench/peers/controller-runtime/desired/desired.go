// Package desired says what the objects of a WebApp look like. Its functions change an object so far as is asked for, and
// leave what others set. What the API server would fill in is spelled out, so that an object that is as asked for compares
// as equal.
package desired

import (
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"webapp-operator/api"
)

const (
	instance  = "app.kubernetes.io/instance"
	component = "app.kubernetes.io/component"
)

// FilesName is the name of the ConfigMap with the files.
func FilesName(app *api.WebApp) string { return app.Name + "-files" }

// ConfigMaps are the data of the ConfigMaps by name: configuration, environment and, if there are any, files.
func ConfigMaps(app *api.WebApp) map[string]map[string]string {
	port := strconv.Itoa(int(app.Spec.Port))
	maps := map[string]map[string]string{
		app.Name + "-config": {"app.conf": "listen = " + port + "\n"},
		app.Name + "-env":    {"PORT": port},
	}
	if app.Spec.Files != nil {
		maps[FilesName(app)] = app.Spec.Files
	}
	return maps
}

// ConfigMap makes a ConfigMap hold the data.
func ConfigMap(app *api.WebApp, config *corev1.ConfigMap, data map[string]string) {
	config.Labels = labels(app, config.Labels)
	config.Data = data
}

// Service makes a Service lead to the Pods.
func Service(app *api.WebApp, service *corev1.Service) {
	service.Labels = labels(app, service.Labels)
	service.Spec.Selector = map[string]string{instance: app.Name}
	port := corev1.ServicePort{Protocol: corev1.ProtocolTCP, Port: app.Spec.Port, TargetPort: intstr.FromInt32(app.Spec.Port)}
	service.Spec.Ports = []corev1.ServicePort{port}
}

// Deployment makes a Deployment run the Pods.
func Deployment(app *api.WebApp, deployment *appsv1.Deployment) {
	deployment.Labels = labels(app, deployment.Labels)
	deployment.Spec.Replicas = ptr.To(app.Spec.Replicas)
	if deployment.Spec.Selector == nil {
		deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{instance: app.Name}}
	}
	template := &deployment.Spec.Template
	template.Labels = labels(app, template.Labels)

	isApp := func(container corev1.Container) bool { return container.Name == "app" }
	index := slices.IndexFunc(template.Spec.Containers, isApp)
	if index < 0 {
		index = len(template.Spec.Containers)
		template.Spec.Containers = append(template.Spec.Containers, corev1.Container{Name: "app"})
	}
	container := &template.Spec.Containers[index]
	container.Image = app.Spec.Image
	container.Ports = []corev1.ContainerPort{{ContainerPort: app.Spec.Port, Protocol: corev1.ProtocolTCP}}
	environment := corev1.LocalObjectReference{Name: app.Name + "-env"}
	container.EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: environment}}}

	container.VolumeMounts, template.Spec.Volumes = nil, nil
	if app.Spec.Files != nil {
		container.VolumeMounts = []corev1.VolumeMount{{Name: "files", MountPath: "/files"}}
		files := &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: FilesName(app)},
			DefaultMode:          ptr.To(corev1.ConfigMapVolumeSourceDefaultMode),
		}
		template.Spec.Volumes = []corev1.Volume{{Name: "files", VolumeSource: corev1.VolumeSource{ConfigMap: files}}}
	}
}

// labels sets the labels of a WebApp among those that there are.
func labels(app *api.WebApp, labels map[string]string) map[string]string {
	if labels == nil {
		labels = map[string]string{}
	}
	labels[instance] = app.Name
	if app.Spec.Tier != nil {
		labels[component] = *app.Spec.Tier
	} else {
		delete(labels, component)
	}
	return labels
}
