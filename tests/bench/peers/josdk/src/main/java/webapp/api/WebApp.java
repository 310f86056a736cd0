package webapp.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;

/** A web application. */
@Group("demo.steersman.dev")
@Version("v1")
public class WebApp extends CustomResource<WebAppSpec, WebAppStatus> implements Namespaced {}
