package webapp;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.HashMap;
import java.util.Map;
import webapp.api.WebApp;

/** What the objects of a WebApp look like. */
final class Desired {

  static final String INSTANCE = "app.kubernetes.io/instance";
  private static final String COMPONENT = "app.kubernetes.io/component";

  private Desired() {}

  static ConfigMap config(WebApp app) {
    return configMap(app, "config", Map.of("app.conf", "listen = " + app.getSpec().port() + "\n"));
  }

  static ConfigMap environment(WebApp app) {
    return configMap(app, "env", Map.of("PORT", Integer.toString(app.getSpec().port())));
  }

  static ConfigMap files(WebApp app) {
    return configMap(app, "files", app.getSpec().files());
  }

  private static ConfigMap configMap(WebApp app, String suffix, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withMetadata(metadata(app, app.getMetadata().getName() + "-" + suffix))
        .withData(data)
        .build();
  }

  static Service service(WebApp app) {
    return new ServiceBuilder()
        .withMetadata(metadata(app, app.getMetadata().getName()))
        .withNewSpec()
        .withSelector(selector(app))
        .addNewPort()
        .withPort(app.getSpec().port())
        .endPort()
        .endSpec()
        .build();
  }

  static Deployment deployment(WebApp app) {
    Deployment deployment =
        new DeploymentBuilder()
            .withMetadata(metadata(app, app.getMetadata().getName()))
            .withNewSpec()
            .withReplicas(app.getSpec().replicas())
            .withNewSelector()
            .withMatchLabels(selector(app))
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .withLabels(labels(app))
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("app")
            .withImage(app.getSpec().image())
            .addNewPort()
            .withContainerPort(app.getSpec().port())
            .endPort()
            .addNewEnvFrom()
            .withNewConfigMapRef()
            .withName(app.getMetadata().getName() + "-env")
            .endConfigMapRef()
            .endEnvFrom()
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    return app.getSpec().files() == null ? deployment : withFiles(app, deployment);
  }

  private static Deployment withFiles(WebApp app, Deployment deployment) {
    return new DeploymentBuilder(deployment)
        .editSpec()
        .editTemplate()
        .editSpec()
        .editFirstContainer()
        .addNewVolumeMount()
        .withName("files")
        .withMountPath("/files")
        .endVolumeMount()
        .endContainer()
        .addNewVolume()
        .withName("files")
        .withNewConfigMap()
        .withName(app.getMetadata().getName() + "-files")
        .endConfigMap()
        .endVolume()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  /** The SDK's own reference does not name the controller. It leaves one that is there. */
  private static ObjectMeta metadata(WebApp app, String name) {
    return new ObjectMetaBuilder()
        .withNamespace(app.getMetadata().getNamespace())
        .withName(name)
        .withLabels(labels(app))
        .addNewOwnerReference()
        .withApiVersion(app.getApiVersion())
        .withKind(app.getKind())
        .withName(app.getMetadata().getName())
        .withUid(app.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .endOwnerReference()
        .build();
  }

  private static Map<String, String> selector(WebApp app) {
    return Map.of(INSTANCE, app.getMetadata().getName());
  }

  private static Map<String, String> labels(WebApp app) {
    Map<String, String> labels = new HashMap<>(selector(app));
    if (app.getSpec().tier() != null) {
      labels.put(COMPONENT, app.getSpec().tier());
    }
    return labels;
  }
}
