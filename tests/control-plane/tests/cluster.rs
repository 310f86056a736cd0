//! What a control plane does for its clients.
#![forbid(unsafe_code)]

mod support;

use futures::StreamExt as _;
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{ConfigMap, Pod},
    rbac::v1::{Role, RoleBinding},
};
use kube::{
    Api, Config, Error,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::json;
use steersman_control_plane::{ControlPlane, Counts, Part, User};
use support::eventually;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn object<K: serde::de::DeserializeOwned>(value: serde_json::Value) -> K {
    serde_json::from_value(value).expect("a valid object")
}

fn is_forbidden<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Api(status)) if status.code == 403)
}

#[tokio::test]
async fn it_answers_as_the_version_it_is_built_from() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    assert_eq!(cluster.client().apiserver_version().await?.git_version, "v1.37.2");
    for part in Part::ALL {
        assert!(cluster.pid(part).is_some(), "{part}");
    }
    Ok(())
}

#[tokio::test]
async fn a_deployment_becomes_available_and_is_garbage_collected() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let namespace = cluster.namespace("deployment").await?;
    let (api, pods) = (
        Api::<Deployment>::namespaced(cluster.client(), &namespace),
        Api::<Pod>::namespaced(cluster.client(), &namespace),
    );
    let deployment = object(json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web"}]},
            },
        },
    }));
    api.create(&PostParams::default(), &deployment).await?;
    eventually("two replicas are available", async || {
        let status = api.get("web").await.ok().and_then(|deployment| deployment.status);
        status.and_then(|status| status.available_replicas) == Some(2)
    })
    .await;
    assert_eq!(pods.list(&ListParams::default()).await?.items.len(), 2);

    api.delete("web", &DeleteParams::default()).await?;
    let replica_sets = Api::<ReplicaSet>::namespaced(cluster.client(), &namespace);
    eventually("its ReplicaSet and Pods are gone", async || {
        let all = ListParams::default();
        matches!((replica_sets.list(&all).await, pods.list(&all).await), (Ok(sets), Ok(pods))
            if sets.items.is_empty() && pods.items.is_empty())
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn nobody_has_no_rights_and_the_operator_those_it_is_given() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let namespace = cluster.namespace("rights").await?;
    for user in [User::Nobody, User::Operator] {
        let api = Api::<ConfigMap>::namespaced(cluster.client_for(user), &namespace);
        assert!(is_forbidden(&api.list(&ListParams::default()).await), "{user:?}");
    }

    let role = object(json!({
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}],
    }));
    let binding = object(json!({
        "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": User::Operator.name()}],
    }));
    let post = PostParams::default();
    Api::<Role>::namespaced(cluster.client(), &namespace).create(&post, &role).await?;
    Api::<RoleBinding>::namespaced(cluster.client(), &namespace).create(&post, &binding).await?;
    let api = Api::<ConfigMap>::namespaced(cluster.client_for(User::Operator), &namespace);
    eventually("the API server knows the new role", async || api.list(&ListParams::default()).await.is_ok()).await;
    assert!(is_forbidden(&api.get("any").await));
    Ok(())
}

#[tokio::test]
async fn every_request_is_counted_once() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let namespace = cluster.namespace("counts").await?;
    let api = Api::<ConfigMap>::namespaced(cluster.client_as(User::Admin, "counts/1"), &namespace);
    let other = Api::<ConfigMap>::namespaced(cluster.client_as(User::Nobody, "other/1"), &namespace);

    api.list(&ListParams::default()).await?;
    let mark = cluster.mark();
    let created = api.create(&PostParams::default(), &object(json!({"metadata": {"name": "a"}}))).await?;
    let patch = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}});
    api.patch("a", &PatchParams::apply("counts"), &Patch::Apply(patch)).await?;
    assert!(api.get_opt("absent").await?.is_none());
    assert!(is_forbidden(&other.get("a").await));
    let version = created.metadata.resource_version.expect("a created object has a version");
    let mut watch = Box::pin(api.watch(&WatchParams::default().timeout(1), &version).await?);
    let begun = cluster.mark();
    let counts: Counts = cluster.requests("counts/").iter().collect();
    assert_eq!((counts.reads, counts.writes, counts.watches), (2, 2, 1), "{counts:?}");
    while watch.next().await.is_some() {}

    let requests = cluster.requests_since(mark, "counts/");
    let verbs: Vec<_> = requests.iter().map(|request| (request.verb.as_str(), request.code)).collect();
    assert_eq!(verbs, [("create", 201), ("patch", 200), ("get", 404), ("watch", 200)]);
    let patch = &requests[1];
    assert_eq!((patch.group.as_str(), patch.resource.as_str(), patch.name.as_str()), ("", "configmaps", "a"));
    assert_eq!((patch.namespace.as_str(), patch.user.as_str()), (namespace.as_str(), "admin"));
    assert!(cluster.requests_since(begun, "counts/").is_empty(), "the end of a watch is no request");

    let refused = cluster.requests("other/");
    assert_eq!(
        refused.iter().map(|request| (request.user.as_str(), request.code)).collect::<Vec<_>>(),
        [("nobody", 403)]
    );
    assert!(cluster.requests("").iter().all(|request| !request.user.starts_with("steersman:")));
    Ok(())
}

#[tokio::test]
async fn large_answers_are_counted_before_they_are_complete() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let namespace = cluster.namespace("large").await?;
    let api = Api::<ConfigMap>::namespaced(cluster.client_as(User::Admin, "large/1"), &namespace);
    let map = json!({"metadata": {"name": "large"}, "data": {"k": "v".repeat(200_000)}});
    api.create(&PostParams::default(), &object(map)).await?;
    for expected in 1..=50 {
        api.get("large").await?;
        let counts: Counts = cluster.requests("large/").iter().collect();
        assert_eq!(counts.reads, expected);
    }
    Ok(())
}

#[tokio::test]
async fn kubeconfig_files_work_and_tls_is_verified() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let options = KubeConfigOptions::default();
    let admin = Config::from_custom_kubeconfig(Kubeconfig::read_from(cluster.kubeconfig())?, &options).await?;
    kube::Client::try_from(admin)?.apiserver_version().await?;

    let nobody = Kubeconfig::from_yaml(&cluster.kubeconfig_for(User::Nobody))?;
    let nobody = kube::Client::try_from(Config::from_custom_kubeconfig(nobody, &options).await?)?;
    assert!(is_forbidden(&Api::<Pod>::all(nobody).list(&ListParams::default()).await));

    let mut stranger = cluster.config_for(User::Admin, None);
    stranger.root_cert = None;
    assert!(kube::Client::try_from(stranger)?.apiserver_version().await.is_err());
    Ok(())
}

#[tokio::test]
async fn namespaces_are_unique() -> Outcome {
    let cluster = ControlPlane::shared().await?;
    let (one, other) = tokio::try_join!(cluster.namespace("same"), cluster.namespace("same"))?;
    assert_ne!(one, other);
    Ok(())
}
