package webapp.api;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What the operator found.
 *
 * @param ready whether all replicas are up to date and ready
 * @param readyReplicas how many replicas are ready
 * @param observedGeneration the generation of the spec that this status is about
 */
public record WebAppStatus(boolean ready, int readyReplicas, long observedGeneration) {

  /**
   * What a status says of a Deployment. It is complete when the Deployment controller has observed
   * what is asked for, and all replicas are up to date and ready.
   */
  public static WebAppStatus of(Deployment deployment, long observedGeneration) {
    DeploymentStatus status = deployment.getStatus();
    if (status == null) {
      return new WebAppStatus(false, 0, observedGeneration);
    }
    int wanted = deployment.getSpec().getReplicas();
    boolean observed =
        Objects.equals(status.getObservedGeneration(), deployment.getMetadata().getGeneration());
    boolean complete =
        Stream.of(status.getReplicas(), status.getUpdatedReplicas(), status.getReadyReplicas())
            .allMatch(count -> count(count) == wanted);
    return new WebAppStatus(
        observed && complete, count(status.getReadyReplicas()), observedGeneration);
  }

  private static int count(Integer count) {
    return count == null ? 0 : count;
  }
}
