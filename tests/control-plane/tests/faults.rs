//! What a test may do to the parts of its own control plane.
#![forbid(unsafe_code)]

mod support;

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::PostParams};
use serde_json::json;
use steersman_control_plane::{ControlPlane, Error, Part, User};
use support::eventually;

type Outcome = Result<(), Box<dyn std::error::Error>>;

async fn create(api: &Api<ConfigMap>, name: &str) -> Result<ConfigMap, Box<dyn std::error::Error>> {
    let map = serde_json::from_value(json!({"metadata": {"name": name}}))?;
    Ok(api.create(&PostParams::default(), &map).await?)
}

/// A client that does not wait for long, nor try again.
fn impatient(cluster: &ControlPlane) -> Result<Client, Box<dyn std::error::Error>> {
    let mut config = cluster.config_for(User::Admin, None);
    config.read_timeout = Some(Duration::from_millis(500));
    config.default_retry = false;
    Ok(Client::try_from(config)?)
}

#[tokio::test]
async fn what_is_stored_outlives_every_end_of_a_part() -> Outcome {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let api = Api::<ConfigMap>::namespaced(cluster.client(), "default");
    create(&api, "kept").await?;
    let (url, pid) = (cluster.url(), cluster.pid(Part::ApiServer));

    cluster.restart(Part::ApiServer).await?;
    assert_ne!(cluster.pid(Part::ApiServer), pid);
    assert_eq!(cluster.url(), url);
    api.get("kept").await?;

    cluster.kill(Part::ApiServer).await?;
    assert_eq!(cluster.pid(Part::ApiServer), None);
    assert!(impatient(&cluster)?.apiserver_version().await.is_err());
    assert!(matches!(cluster.pause(Part::ApiServer), Err(Error::NotRunning { part: Part::ApiServer })));
    cluster.start_part(Part::ApiServer).await?;
    api.get("kept").await?;

    cluster.kill(Part::Etcd).await?;
    cluster.start_part(Part::Etcd).await?;
    eventually("the API server has found etcd again", async || api.get("kept").await.is_ok()).await;
    Ok(())
}

#[tokio::test]
async fn a_paused_part_hangs_until_it_is_resumed() -> Outcome {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let client = impatient(&cluster)?;

    cluster.pause(Part::ApiServer)?;
    assert!(cluster.pid(Part::ApiServer).is_some());
    assert!(client.apiserver_version().await.is_err());
    cluster.resume(Part::ApiServer)?;
    eventually("the API server answers again", async || client.apiserver_version().await.is_ok()).await;

    cluster.pause(Part::ApiServer)?;
    cluster.restart(Part::ApiServer).await?;
    cluster.client().apiserver_version().await?;
    Ok(())
}

#[tokio::test]
async fn controllers_go_on_after_a_restart() -> Outcome {
    let cluster = ControlPlane::builder().nodes(2).start().await?;
    for part in [Part::ApiServer, Part::ControllerManager, Part::Scheduler, Part::Kwok] {
        cluster.restart(part).await?;
    }
    let namespace = cluster.namespace("restarted").await?;
    let job = json!({
        "metadata": {"name": "job"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "job", "image": "job"}]}}},
    });
    let api = Api::<k8s_openapi::api::batch::v1::Job>::namespaced(cluster.client(), &namespace);
    api.create(&PostParams::default(), &serde_json::from_value(job)?).await?;
    eventually("the Job has succeeded", async || {
        let status = api.get("job").await.ok().and_then(|job| job.status);
        status.and_then(|status| status.succeeded) == Some(1)
    })
    .await;
    Ok(())
}
