package webapp;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import webapp.api.WebApp;
import webapp.api.WebAppStatus;

/** What the wide form adds: it follows the ReplicaSets and Pods of the Deployment. */
final class Wide {

  private Wide() {}

  static List<EventSource<?, WebApp>> eventSources(EventSourceContext<WebApp> context) {
    return List.of(eventSource(ReplicaSet.class, context), eventSource(Pod.class, context));
  }

  private static <R extends HasMetadata> EventSource<R, WebApp> eventSource(
      Class<R> type, EventSourceContext<WebApp> context) {
    var configuration =
        InformerEventSourceConfiguration.from(type, WebApp.class)
            .withSecondaryToPrimaryMapper(Wide::primaries)
            .build();
    return new InformerEventSource<>(configuration, context);
  }

  /** By the label that the Deployment's template gives to both. What counts is found by UID. */
  private static Set<ResourceID> primaries(HasMetadata secondary) {
    Map<String, String> labels = secondary.getMetadata().getLabels();
    String name = labels == null ? null : labels.get(Desired.INSTANCE);
    return name == null
        ? Set.of()
        : Set.of(new ResourceID(name, secondary.getMetadata().getNamespace()));
  }

  static WebAppStatus status(
      WebApp app, Deployment deployment, WebAppStatus narrow, Context<WebApp> context) {
    Set<String> replicaSets =
        context.getSecondaryResources(ReplicaSet.class).stream()
            .filter(replicaSet -> replicaSet.hasOwnerReferenceFor(deployment))
            .map(replicaSet -> replicaSet.getMetadata().getUid())
            .collect(Collectors.toSet());
    int ready =
        (int)
            context.getSecondaryResources(Pod.class).stream()
                .filter(pod -> replicaSets.stream().anyMatch(pod::hasOwnerReferenceFor))
                .filter(Wide::isReady)
                .count();
    boolean complete = narrow.ready() && ready == app.getSpec().replicas();
    return new WebAppStatus(complete, ready, narrow.observedGeneration());
  }

  private static boolean isReady(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }
}
