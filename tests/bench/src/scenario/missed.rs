//! What is deleted while no watch looks.

use std::collections::BTreeMap;
use std::time::Instant;

use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::ResourceExt;
use kube::api::DeleteParams;
use steersman_control_plane::Request;

use super::{DEADLINE, LOST_AFTER, repair};
use crate::BoxError;
use crate::measurement::{figure, scenario};
use crate::stage::Stage;
use crate::times::percentiles;
use crate::wait::{eventually, until};
use crate::watched::{Entry, Watched};

/// So many Services, and as many ConfigMaps.
const MISSED: usize = 10;

/// The candidate hangs, and loses its watches as the API server is killed. Then 10 Services and 10 ConfigMaps, of one WebApp each,
/// are deleted. Another restart makes the API server forget what it could tell of that: whoever asks for what came after an
/// earlier version is told to list again. The candidate was started a moment ago, so that no earlier outage makes it wait.
pub(crate) async fn deletes(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let names = stage.names();
    let (services, maps) = (&names[..MISSED], &names[MISSED..2 * MISSED]);
    let (services, maps) = (services.to_vec(), maps.iter().map(|name| format!("{name}-env")).collect::<Vec<_>>());
    let old = (uids(&stage.observer.services, &services), uids(&stage.observer.config_maps, &maps));
    let begun = stage.begin(scenario::MISSED_DELETES).await?;
    stage.process.pause()?;
    let outcome = behind_its_back(stage, services.clone(), maps.clone()).await;
    let places = (stage.observer.services.place(), stage.observer.config_maps.place());
    let (mark, resumed) = (stage.cluster.mark(), Instant::now());
    stage.process.resume()?;
    outcome?;

    let observer = &stage.observer;
    let back = || {
        let mut back = repaired(&observer.services.since(places.0), &old.0);
        back.extend(repaired(&observer.config_maps.since(places.1), &old.1));
        back
    };
    let count = services.len() + maps.len();
    let (cluster, agent) = (stage.cluster, stage.process.user_agent().to_owned());
    let relists = || cluster.requests(mark, &agent).iter().filter(|request| is_relist(request)).count();
    // How long it takes to connect again is not what is asked here.
    until(DEADLINE, async || relists() > 0).await;
    until(LOST_AFTER, async || back().len() == count).await;
    let times = back();
    if let Some([p50, p99]) =
        percentiles(times.iter().map(|at| at.duration_since(resumed).as_secs_f64() * 1e3).collect())
    {
        stage.write(&begun, figure::REPAIR_P50, p50);
        stage.write(&begun, figure::REPAIR_P99, p99);
    }
    repair::lost(stage, &begun, count - times.len(), count);
    let relists = relists();
    stage.write(&begun, figure::RELISTS, relists as f64);
    if relists == 0 {
        stage.failed("missed-deletes: it has not listed again, so nothing was missed");
    }
    stage.finish(&begun).await
}

/// Deletes, while the candidate cannot see it.
async fn behind_its_back(stage: &Stage<'_>, services: Vec<String>, maps: Vec<String>) -> Result<(), BoxError> {
    stage.cluster.kill_api_server().await?;
    stage.cluster.start_api_server().await?;
    let (service, map) = (stage.api::<Service>(), stage.api::<ConfigMap>());
    let now = DeleteParams::default();
    stage.each(services, async |name| service.delete(&name, &now).await.map(|_| ())).await?;
    stage.each(maps, async |name| map.delete(&name, &now).await.map(|_| ())).await?;
    stage.cluster.kill_api_server().await?;
    stage.cluster.start_api_server().await?;
    let observer = &stage.observer;
    let count = stage.plan.count;
    // The harness has to see for itself what is missing before it can see it come back.
    eventually("the harness sees what was deleted", LOST_AFTER, async || {
        observer.services.now().len() == count - MISSED && observer.config_maps.now().len() == 2 * count - MISSED
    })
    .await
}

fn uids<K>(watched: &Watched<K>, names: &[String]) -> BTreeMap<String, Option<String>>
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let now = watched.now();
    names.iter().map(|name| (name.clone(), now.get(name).and_then(|object| object.uid()))).collect()
}

/// When each of those that were deleted was first there again.
fn repaired<K: ResourceExt>(entries: &[Entry<K>], old: &BTreeMap<String, Option<String>>) -> Vec<Instant> {
    let mut first = BTreeMap::new();
    for entry in entries {
        let is_new =
            entry.object.as_ref().is_some_and(|object| old.get(&entry.name).is_some_and(|old| *old != object.uid()));
        if is_new {
            first.entry(&entry.name).or_insert(entry.at);
        }
    }
    first.into_values().collect()
}

/// Whether a request asks for all objects of a kind.
fn is_relist(request: &Request) -> bool {
    request.code == 200 && (request.verb == "list" || request.path.contains("sendInitialEvents=true"))
}
