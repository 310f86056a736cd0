package webapp;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.BooleanWithUndefined;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import webapp.api.WebApp;

/** The dependent resources of a WebApp. */
final class Dependents {

  private Dependents() {}

  // Server-side apply is the SDK's default for all kinds but ConfigMaps and Secrets.
  @KubernetesDependent(useSSA = BooleanWithUndefined.TRUE)
  static class Config extends CRUDKubernetesDependentResource<ConfigMap, WebApp> {
    @Override
    protected ConfigMap desired(WebApp app, Context<WebApp> context) {
      return Desired.config(app);
    }
  }

  @KubernetesDependent(useSSA = BooleanWithUndefined.TRUE)
  static class Environment extends CRUDKubernetesDependentResource<ConfigMap, WebApp> {
    @Override
    protected ConfigMap desired(WebApp app, Context<WebApp> context) {
      return Desired.environment(app);
    }
  }

  @KubernetesDependent(useSSA = BooleanWithUndefined.TRUE)
  static class Files extends CRUDKubernetesDependentResource<ConfigMap, WebApp> {
    @Override
    protected ConfigMap desired(WebApp app, Context<WebApp> context) {
      return Desired.files(app);
    }
  }

  /** The ConfigMap with the files is deleted while none are asked for. */
  static class HasFiles implements Condition<ConfigMap, WebApp> {
    @Override
    public boolean isMet(
        DependentResource<ConfigMap, WebApp> dependent, WebApp app, Context<WebApp> context) {
      return app.getSpec().files() != null;
    }
  }

  @KubernetesDependent
  static class AppDeployment extends CRUDKubernetesDependentResource<Deployment, WebApp> {
    @Override
    protected Deployment desired(WebApp app, Context<WebApp> context) {
      return Desired.deployment(app);
    }
  }

  @KubernetesDependent
  static class AppService extends CRUDKubernetesDependentResource<Service, WebApp> {
    @Override
    protected Service desired(WebApp app, Context<WebApp> context) {
      return Desired.service(app);
    }
  }
}
