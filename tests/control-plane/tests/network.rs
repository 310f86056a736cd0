//! What a test may do to the requests between a client and the control plane.
#![forbid(unsafe_code)]

mod support;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client, Error};
use serde_json::json;
use steersman_control_plane::{ControlPlane, Cost, Fault, Gateway, Proxy, User};
use support::eventually;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn map(name: &str) -> ConfigMap {
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    ConfigMap { metadata, data: Some(BTreeMap::new()), ..ConfigMap::default() }
}

fn code<T>(result: Result<T, Error>) -> u16 {
    match result {
        Ok(_) => 200,
        Err(Error::Api(status)) => status.code,
        Err(_) => 0,
    }
}

#[tokio::test]
async fn chosen_requests_are_answered_as_the_test_says() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let namespace = cluster.namespace("gateway").await?;
    let (gateway, mut config) = Gateway::before(cluster.config_for(User::Admin, Some("gateway-test/1"))).await;
    config.default_retry = false;
    let maps = Api::<ConfigMap>::namespaced(Client::try_from(config)?, &namespace);
    let before = cluster.mark();

    gateway.fail(Fault::status(429).retry_after(1).verb("create").resource("configmaps").times(2));
    gateway.fail(Fault::status(500).verb("get").named("a"));
    gateway.fail(Fault::status(409).verb("patch"));
    let create = async || code(maps.create(&PostParams::default(), &map("a")).await);
    assert_eq!([create().await, create().await, create().await], [429, 429, 200]);
    let get = async || code(maps.get("a").await);
    assert_eq!([get().await, get().await], [500, 200]);
    let patch = async || {
        let patch = Patch::Merge(json!({ "data": { "a": "b" } }));
        code(maps.patch("a", &PatchParams::default(), &patch).await)
    };
    assert_eq!([patch().await, patch().await], [409, 200]);
    assert_eq!(gateway.writes(), ["POST 429", "POST 429", "POST 201", "PATCH 409", "PATCH 200"]);
    // What the gateway has answered itself, the API server has not seen.
    cluster.assert_requests(before, "gateway-test/", Cost { reads: 1, writes: 2 });
    let asserts = std::panic::AssertUnwindSafe(|| cluster.assert_requests(before, "gateway-test/", Cost::default()));
    let said = *std::panic::catch_unwind(asserts).unwrap_err().downcast::<String>().unwrap();
    assert!(
        said.starts_with("0 reads and 0 writes are expected of `gateway-test/`, and there were 1 read and 2 writes:"),
        "{said}"
    );
    assert!(said.contains(&format!("\n  patch configmaps {namespace}/a -> 200")), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_network_that_is_cut_comes_back() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let namespace = cluster.namespace("proxy").await?;
    let (network, client) = Proxy::before(cluster.config_for(User::Admin, Some("proxy-test/1"))).await;
    let maps = Api::<ConfigMap>::namespaced(client, &namespace);
    assert!(maps.list(&ListParams::default()).await.is_ok());
    network.cut();
    assert!(maps.list(&ListParams::default()).await.is_err());
    network.mend();
    eventually("the network is mended", async || maps.list(&ListParams::default()).await.is_ok()).await;
    Ok(())
}
