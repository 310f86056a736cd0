//! A token that is not accepted any more, and a new one in its file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use k8s_openapi::api::authentication::v1::{BoundObjectReference, TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{ListParams, PostParams};
use kube::core::ObjectMeta;
use kube::{Api, Client, ResourceExt};
use serde_json::json;
use steersman::Action;
use steersman_control_plane::{Part, User};
use tests::kinds::{Shelf, stock};
use tests::{Gate, Journal, Place, data_of, eventually, typed};

use crate::{is_long, nudge, says, shelves, turn};

/// The shortest life that the API server gives to a token.
const LIFE: Duration = Duration::from_secs(600);

/// A token of the service account `op`. It lives as long as the Secret, if there is one.
async fn token(place: &Place, bound_to: Option<&Secret>) -> String {
    let bound_object_ref = bound_to.map(|secret| BoundObjectReference {
        api_version: Some("v1".into()),
        kind: Some("Secret".into()),
        name: secret.metadata.name.clone(),
        uid: secret.metadata.uid.clone(),
    });
    let spec = TokenRequestSpec {
        bound_object_ref,
        expiration_seconds: Some(LIFE.as_secs().try_into().expect("it is short")),
        ..TokenRequestSpec::default()
    };
    let request = TokenRequest { spec: Some(spec), ..TokenRequest::default() };
    let answer = place.api::<ServiceAccount>().create_token_request("op", &PostParams::default(), &request).await;
    answer.expect("a token is given").status.and_then(|status| status.token).expect("there is one in the answer")
}

async fn anchor(place: &Place, name: &str) -> Secret {
    let metadata = ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() };
    place.create(Secret { metadata, ..Secret::default() }).await
}

/// Replaces a file as a whole.
fn write(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    fs::write(&beside, text).expect("the folder of the control plane can be written");
    fs::rename(beside, file).expect("it is replaced");
}

/// A client whose token is what stands in the file. kube reads a token file again after 50 s, and asks a program whenever what
/// it said last has expired, which here is always so.
fn client(place: &Place, agent: &str, file: &Path) -> Client {
    let mut config = place.cluster.config_for(User::Operator, Some(agent));
    let auth = if is_long() {
        json!({ "tokenFile": file })
    } else {
        let credential = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"expirationTimestamp":"2026-01-01T00:00:00Z","token":"%s"}}"#;
        let script = format!("printf '{credential}' \"$(cat '{}')\"", file.display());
        json!({ "exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script], "interactiveMode": "Never",
        } })
    };
    config.auth_info = serde_json::from_value(auth).expect("this is how a user is authenticated");
    Client::try_from(config).expect("the configuration makes a client")
}

/// Lets the service account do what the operator does.
async fn allow_account(place: &Place) {
    place.create(typed::<ServiceAccount>(json!({ "metadata": { "name": "op" } }))).await;
    place.allow("all", &["configmaps"]).await;
    let binding = json!({
        "metadata": { "name": "account" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "all" },
        "subjects": [{ "kind": "ServiceAccount", "name": "op", "namespace": place.namespace }],
    });
    place.create(typed::<RoleBinding>(binding)).await;
}

/// Waits until the API server does not accept the token any more.
async fn expired(place: &Place, token: &str) {
    let mut config = place.cluster.config_for(User::Nobody, None);
    config.auth_info = serde_json::from_value(json!({ "token": token })).expect("a token is enough");
    let client = Client::try_from(config).expect("the configuration makes a client");
    let maps = Api::<ConfigMap>::namespaced(client, &place.namespace);
    let begin = Instant::now();
    // It is accepted for one more minute, since clocks differ.
    while begin.elapsed() < LIFE + Duration::from_secs(120) {
        match maps.list(&ListParams::default()).await {
            Err(kube::Error::Api(status)) if status.code == 401 => return,
            Err(error) => panic!("{error}"),
            Ok(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
    panic!("it never expires");
}

/// In the long form the token expires, and kube reads the new one from its token file; in the ordinary one it is revoked.
#[tokio::test]
async fn a_token_that_is_renewed_needs_no_restart() {
    let turn = turn("token").await;
    let place = &turn.place;
    allow_account(place).await;
    let secret = if is_long() { None } else { Some(anchor(place, "first").await) };
    let first = token(place, secret.as_ref()).await;
    let file = place.cluster.folder().join(format!("{}.token", place.namespace));
    write(&file, &first);
    let (journal, gate) = (Journal::default(), Gate::open());
    let hold = gate.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let hold = hold.clone();
        async move {
            hold.pass().await;
            stock(&shelf.spec, &cx.config_maps()).await?;
            Ok(Action::await_change())
        }
    });
    let operator = operator.namespace(&place.namespace);
    let stats = operator.stats();
    let agent = place.agent();
    let operating = place.operate_with(client(place, &agent, &file), agent, |manager| manager.with(operator));
    place.started(1).await;
    shelves(place, &(0..6).map(|i| format!("s{i}")).collect::<Vec<_>>()).await;
    place.ended(6).await;

    // One run is about to write.
    gate.shut();
    nudge(place, "s0-0").await;
    journal.reaches("s0: config_maps", 1).await;
    match secret {
        Some(secret) => place.delete::<Secret>(&secret.name_any()).await,
        None => expired(place, &first).await,
    }
    // A new API server remembers no token that it has accepted, and has all watches begin anew.
    place.cluster.kill(Part::ApiServer).await.unwrap();
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    gate.release();
    let remedy = "does not accept the operator's credentials: Unauthorized; renew the operator's token: ";
    for kind in ["Shelf", "ConfigMap"] {
        place.log.says(&["WARN", "the watch does not work", &format!("kind={kind} "), "unauthorized", remedy]).await;
    }
    let write_remedy = format!("the credentials of apply of ConfigMap {}/s0-0: Unauthorized; renew ", place.namespace);
    place.log.says(&["WARN", "the run failed", &write_remedy]).await;
    // Nothing of this can be seen.
    place.delete::<ConfigMap>("s1-0").await;
    nudge(place, "s2-1").await;
    place.delete::<Shelf>("s3").await;
    place.patch::<Shelf>("s4", json!({ "spec": { "maps": { "s4-0": "other" } } })).await;
    shelves(place, &["s6".into()]).await;
    eventually("it has been tried several times", async || stats.failures() >= 4).await;
    assert!(operating.is_running());

    let secret = if is_long() { None } else { Some(anchor(place, "second").await) };
    write(&file, &token(place, secret.as_ref()).await);
    let begin = Instant::now();
    let wanted = ["s0-0", "s0-1", "s1-0", "s1-1", "s2-0", "s2-1", "s4-1", "s5-0", "s5-1", "s6-0", "s6-1"];
    let mut wanted: BTreeMap<String, String> = wanted.into_iter().map(|name| (name.into(), name.into())).collect();
    wanted.insert("s4-0".into(), "other".into());
    // Until kube reads the file again.
    eventually("the watches work again", async || place.log.lines(&["the watch works again"]).len() == 2).await;
    let mut found = BTreeMap::new();
    eventually("everything is as it should be", async || {
        let maps = place.api::<ConfigMap>().list(&ListParams::default()).await.unwrap();
        // Nobody collects here what was that of s3.
        let maps = maps.iter().filter(|map| !map.name_any().starts_with("s3-"));
        found = maps.map(|map| (map.name_any(), data_of(map).to_owned())).collect();
        found == wanted
    })
    .await;
    println!("as it should be {:.1?} after the renewal; {} runs failed before", begin.elapsed(), stats.failures());
    assert!(place.log.lines(&["somebody keeps changing"]).is_empty(), "what is refused is nobody else's doing");
    for kind in ["Shelf", "ConfigMap"] {
        let kind = format!("kind={kind} ");
        assert_eq!(place.log.lines(&["the watch does not work", &kind, "unauthorized"]).len(), 1, "it is said once");
    }
    let mut woken: Vec<_> = journal.lines();
    woken.retain(|line| !line.ends_with(": primary") && !line.ends_with("retry"));
    woken.sort();
    woken.dedup();
    assert_eq!(woken, ["s0: config_maps", "s1: config_maps", "s2: config_maps"]);
    nudge(place, "s5-0").await;
    says(place, "s5-0", "s5-0").await;
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.costs());
}
