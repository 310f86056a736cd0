package webapp;

import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;

/**
 * The WebApp operator, as the documentation of the Java Operator SDK shows it: managed dependent
 * resources and the SDK's defaults. Its client does not limit requests per second.
 */
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    var operator =
        new Operator(
            configuration ->
                configuration.withKubernetesClient(Bench.client()).withMetrics(Bench.counter()));
    operator.register(new WebAppReconciler());
    operator.installShutdownHook(Duration.ofSeconds(1));
    operator.start();
  }
}
