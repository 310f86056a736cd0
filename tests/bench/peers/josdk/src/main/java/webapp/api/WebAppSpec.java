package webapp.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Nullable;
import java.util.Map;

/**
 * What is asked for.
 *
 * @param image the container image
 * @param replicas how many Pods
 * @param port the port that the container listens on and the Service offers
 * @param tier a label for all objects, such as {@code frontend}
 * @param files what the container finds in {@code /files}, by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WebAppSpec(
    String image,
    @Min(0) int replicas,
    @Min(1) @Max(65535) int port,
    @Nullable String tier,
    @Nullable Map<String, String> files) {}
