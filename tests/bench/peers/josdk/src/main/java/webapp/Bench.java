package webapp;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/**
 * What the benchmark asks of a candidate: its user agent, and a file with the number of its
 * reconciles.
 */
final class Bench {

  private Bench() {}

  /** The way to the API server, which KUBECONFIG names. */
  static KubernetesClient client() {
    Config config = Config.autoConfigure(null);
    String agent = System.getenv("BENCH_USER_AGENT");
    if (agent != null) {
      config.setUserAgent(agent);
    }
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /** Whether ReplicaSets and Pods are followed, too. */
  static boolean isWide() {
    return "1".equals(System.getenv("BENCH_WIDE"));
  }

  /** Counts the reconciles in the file BENCH_COUNTER. */
  static Metrics counter() {
    String path = System.getenv("BENCH_COUNTER");
    if (path == null) {
      return Metrics.NOOP;
    }
    var counter = new Counter(Path.of(path));
    var executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              var thread = new Thread(task, "bench-counter");
              thread.setDaemon(true);
              return thread;
            });
    executor.scheduleWithFixedDelay(counter::write, 0, 50, TimeUnit.MILLISECONDS);
    return counter;
  }

  private static final class Counter implements Metrics {
    private final AtomicLong runs = new AtomicLong();
    private final Path path;
    private long written = -1;

    Counter(Path path) {
      this.path = path;
    }

    @Override
    public void reconciliationStarted(HasMetadata resource, Map<String, Object> metadata) {
      runs.incrementAndGet();
    }

    /** Beside the file and renamed, so that nobody reads half of it. */
    private void write() {
      long now = runs.get();
      if (now == written) {
        return;
      }
      try {
        Path beside = path.resolveSibling(path.getFileName() + ".new");
        Files.writeString(beside, Long.toString(now));
        Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
        written = now;
      } catch (IOException e) {
        LoggerFactory.getLogger(Bench.class).error("the number of reconciles cannot be written", e);
      }
    }
  }
}
