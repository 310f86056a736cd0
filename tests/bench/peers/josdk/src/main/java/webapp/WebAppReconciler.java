package webapp;

import static webapp.WebAppReconciler.CONFIG_MAPS;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Workflow;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Dependent;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import webapp.api.WebApp;
import webapp.api.WebAppStatus;

/** Brings the cluster to what a WebApp asks for. */
@ControllerConfiguration(
    name = "webapp-operator",
    finalizerName = "demo.steersman.dev/cleanup",
    fieldManager = "webapp-operator")
@Workflow(
    dependents = {
      @Dependent(type = Dependents.Config.class, useEventSourceWithName = CONFIG_MAPS),
      @Dependent(type = Dependents.Environment.class, useEventSourceWithName = CONFIG_MAPS),
      @Dependent(
          type = Dependents.Files.class,
          useEventSourceWithName = CONFIG_MAPS,
          reconcilePrecondition = Dependents.HasFiles.class),
      @Dependent(type = Dependents.AppDeployment.class),
      @Dependent(type = Dependents.AppService.class)
    })
public class WebAppReconciler implements Reconciler<WebApp>, Cleaner<WebApp> {

  static final String CONFIG_MAPS = "config-maps";
  private static final Logger log = LoggerFactory.getLogger(WebAppReconciler.class);

  /** The ConfigMaps share one informer. */
  @Override
  public List<EventSource<?, WebApp>> prepareEventSources(EventSourceContext<WebApp> context) {
    var configMaps =
        InformerEventSourceConfiguration.from(ConfigMap.class, WebApp.class)
            .withName(CONFIG_MAPS)
            .build();
    List<EventSource<?, WebApp>> sources = new ArrayList<>();
    sources.add(new InformerEventSource<>(configMaps, context));
    if (Bench.isWide()) {
      sources.addAll(Wide.eventSources(context));
    }
    return sources;
  }

  /** The dependent resources are reconciled by now. */
  @Override
  public UpdateControl<WebApp> reconcile(WebApp app, Context<WebApp> context) {
    WebAppStatus status = status(app, context);
    if (status.equals(app.getStatus())) {
      return UpdateControl.noUpdate();
    }
    return UpdateControl.patchStatus(withStatus(app, status));
  }

  /** What server-side apply sets, and no more. */
  private static WebApp withStatus(WebApp app, WebAppStatus status) {
    var patch = new WebApp();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(app.getMetadata().getNamespace())
            .withName(app.getMetadata().getName())
            .build());
    patch.setStatus(status);
    return patch;
  }

  private static WebAppStatus status(WebApp app, Context<WebApp> context) {
    Deployment deployment = context.getSecondaryResource(Deployment.class).orElseThrow();
    WebAppStatus status = WebAppStatus.of(deployment, app.getMetadata().getGeneration());
    return Bench.isWide() ? Wide.status(app, deployment, status, context) : status;
  }

  @Override
  public DeleteControl cleanup(WebApp app, Context<WebApp> context) {
    // Everything it owns is collected by Kubernetes; what lies outside of the cluster would be
    // removed here.
    log.info("cleaned up {}", app.getSpec().image());
    return DeleteControl.defaultDelete();
  }
}
