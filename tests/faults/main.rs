//! What happens to an operator when its cluster fails it. One test after the other, each with a namespace of its own.
//!
//! `STEERSMAN_FAULTS=long cargo test -p tests --test faults -- --nocapture` runs the long forms: more kills, longer stops, more
//! primaries, a token that really expires (11 minutes). What they measure they print. See `chaos` for `STEERSMAN_CHAOS`.
#![forbid(unsafe_code)]

mod arrival;
mod canary;
mod chaos;
mod churn;
mod compaction;
mod declared;
mod definitions;
mod leader;
mod opaque;
mod outages;
mod poison;
mod rights;
mod stopping;
mod streams;
mod token;
mod writes;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::CustomResourceExt;
use steersman_control_plane::{Builder, ControlPlane, Part, User};
use tests::kinds::Shelf;
use tests::{Operating, Place, Proxy, config_map, data_of, eventually, install};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

/// Whether the long forms run.
fn is_long() -> bool {
    match std::env::var("STEERSMAN_FAULTS").as_deref() {
        Ok("long") => true,
        Err(_) => false,
        Ok(other) => panic!("STEERSMAN_FAULTS is `long` or not set, not `{other}`"),
    }
}

/// What the ordinary form of a test takes, or the long one.
fn pick<T>(ordinary: T, long: T) -> T {
    if is_long() { long } else { ordinary }
}

/// A place in a control plane that nobody else uses meanwhile.
struct Turn {
    place: Place,
    _turn: MutexGuard<'static, ()>,
}

/// In the one without further parts that most tests take in turns.
async fn turn(name: &str) -> Turn {
    static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
    take(name, &SHARED, ControlPlane::builder()).await
}

/// In one as it was before streaming lists and watch caches: pages and watches come from etcd, which soon forgets.
async fn turn_without_streaming(name: &str) -> Turn {
    static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
    let builder = ControlPlane::builder()
        .arg(Part::ApiServer, "--feature-gates=WatchList=false")
        .arg(Part::ApiServer, "--watch-cache=false")
        .etcd_compaction_interval(std::time::Duration::from_secs(2));
    take(name, &SHARED, builder).await
}

/// In one that lets nobody name an owner who may not keep that owner from being deleted.
async fn turn_with_enforced_owners(name: &str) -> Turn {
    static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
    let enforce = "--enable-admission-plugins=OwnerReferencesPermissionEnforcement";
    take(name, &SHARED, ControlPlane::builder().arg(Part::ApiServer, enforce)).await
}

async fn take(name: &str, shared: &'static OnceCell<ControlPlane>, builder: Builder) -> Turn {
    static TURN: Mutex<()> = Mutex::const_new(());
    let turn = TURN.lock().await;
    let start = async || builder.api_server_only().start().await.expect("the control plane starts");
    let cluster = shared.get_or_init(start).await;
    // As a test that failed may have left them.
    for part in [Part::Etcd, Part::ApiServer] {
        let _ = cluster.resume(part);
        cluster.start_part(part).await.expect("the control plane can be repaired");
    }
    let place = Place::on(cluster, name).await;
    install(&place.client, Shelf::crd()).await;
    Turn { place, _turn: turn }
}

/// Starts a manager of the user `operator` behind a proxy.
async fn operate_behind_proxy(
    place: &Place,
    operators: impl FnOnce(steersman::Manager) -> steersman::Manager,
) -> (Proxy, Operating) {
    let agent = place.agent();
    let (proxy, client) = Proxy::before(place.cluster.config_for(User::Operator, Some(&agent))).await;
    (proxy, place.operate_with(client, agent, operators))
}

/// Waits until a ConfigMap says this.
async fn says(place: &Place, name: &str, text: &str) {
    eventually(
        &format!("the ConfigMap {name} says {text}"),
        async || matches!(place.api::<ConfigMap>().get_opt(name).await, Ok(Some(map)) if data_of(&map) == text),
    )
    .await;
}

/// The names of so many shelves.
fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("s{i}")).collect()
}

/// Creates shelves, each with two ConfigMaps, `<shelf>-0` and `<shelf>-1`.
async fn shelves(place: &Place, names: &[String]) {
    let create = async |name: &String| {
        place.create(Shelf::of(name, &[&format!("{name}-0"), &format!("{name}-1")])).await;
    };
    futures::future::join_all(names.iter().map(create)).await;
}

/// A marker that the operator has to notice.
async fn nudge(place: &Place, map: &str) {
    place.patch::<ConfigMap>(map, serde_json::json!({ "data": config_map(map, "foreign").data })).await;
}
