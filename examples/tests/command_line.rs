//! The command line of the flagship, as its program offers it.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::{Command, Output};

use examples::webapp::api::WebApp;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::Value;

/// The program, with these arguments and nothing of the environment that it listens to.
fn webapp(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_webapp"));
    command.args(args).env_clear();
    command
}

/// What it prints when all goes well.
fn said(args: &[&str]) -> String {
    let Output { status, stdout, stderr } = webapp(args).output().unwrap();
    assert!(status.success(), "{args:?}: {}", String::from_utf8_lossy(&stderr));
    assert!(stderr.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// Its exit code and the one line that it says when something is wrong.
fn refused(command: &mut Command) -> (i32, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(stdout.is_empty());
    (status.code().unwrap(), text.trim_end().to_owned())
}

fn documents(yaml: &str) -> Vec<Value> {
    yaml.split("---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect()
}

fn kinds(objects: &[Value]) -> Vec<String> {
    objects
        .iter()
        .map(|o| format!("{} {}", o["kind"].as_str().unwrap(), o["metadata"]["name"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_mistake_is_one_line_with_the_remedy() {
    let (code, text) = refused(&mut webapp(&["explan"]));
    let expected =
        "webapp-operator: unrecognized subcommand 'explan'; write `explain`, or see `webapp-operator --help`";
    assert_eq!((code, &*text), (2, expected));
    let (code, text) = refused(&mut webapp(&[]));
    assert_eq!(code, 2);
    assert!(text.contains("requires a subcommand") && text.contains("run, crd, rbac"), "{text}");
    let (code, text) = refused(&mut webapp(&["manifests"]));
    assert_eq!(code, 2);
    assert!(text.contains("--image <IMAGE>") && text.ends_with("; see `webapp-operator --help`"), "{text}");
    let (code, text) = refused(&mut webapp(&["explain", "--format", "jsn"]));
    assert_eq!(code, 2);
    assert!(text.contains("invalid value 'jsn' for '--format <FORMAT>'") && text.contains("write `json`"), "{text}");
    let (code, text) = refused(webapp(&["run"]).env("STEERSMAN_GRACE", "soon"));
    assert_eq!(code, 2);
    assert!(text.contains("`soon` is no time; write it like `25s`"), "{text}");
    let (code, text) = refused(webapp(&["run"]).env("STEERSMAN_LOG", "info,=x=y"));
    assert_eq!(code, 2);
    assert!(text.contains("the filter of the log is wrong"), "{text}");
}

#[test]
fn without_a_cluster_only_run_fails() {
    let empty = tempfile::tempdir().unwrap();
    let (code, text) = refused(webapp(&["run"]).env("HOME", empty.path()));
    assert_eq!(code, 3);
    assert!(
        text.starts_with("webapp-operator: no configuration for a Kubernetes cluster was found; set KUBECONFIG"),
        "{text}"
    );
    let (code, text) = refused(&mut webapp(&["run", "--kubeconfig", "/nowhere/config"]));
    assert_eq!(code, 3);
    assert!(text.starts_with("webapp-operator: the kubeconfig /nowhere/config cannot be used: "), "{text}");
    // The flag comes before the environment.
    let (_, text) =
        refused(webapp(&["run", "--kubeconfig", "/nowhere/config"]).env("STEERSMAN_KUBECONFIG", "/elsewhere"));
    assert!(text.contains("/nowhere/config"), "{text}");
    let (_, text) = refused(webapp(&["run"]).env("STEERSMAN_KUBECONFIG", "/elsewhere"));
    assert!(text.contains("/elsewhere"), "{text}");
}

#[test]
fn the_definition_is_that_of_the_rust_type() {
    let printed: CustomResourceDefinition = serde_saphyr::from_str(&said(&["crd"])).unwrap();
    assert_eq!(printed, WebApp::crd());
}

#[test]
fn an_installation_has_all_that_it_needs_in_the_order_in_which_it_can_be_applied() {
    let objects = documents(&said(&["manifests", "--image", "registry.example/webapp:1"]));
    let kinds = kinds(&objects);
    assert_eq!(
        kinds,
        [
            "Namespace webapp-operator",
            "ServiceAccount webapp-operator",
            "CustomResourceDefinition webapps.demo.steersman.dev",
            "ClusterRole webapp-operator",
            "ClusterRoleBinding webapp-operator",
            "Deployment webapp-operator",
        ]
    );
    let container = &objects[5]["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "registry.example/webapp:1");
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/readyz");
}

#[test]
fn rights_in_namespaces_are_roles_and_replicas_need_a_lease() {
    let args = ["manifests", "--image", "x", "--namespace", "ops", "--namespaces", "shop,bank", "--replicas", "2"];
    let objects = documents(&said(&args));
    let roles: Vec<_> = objects
        .iter()
        .filter(|object| object["kind"] == "Role")
        .map(|object| (object["metadata"]["namespace"].as_str().unwrap(), object["rules"].to_string()))
        .collect();
    let of = |namespace| {
        roles.iter().filter(|(other, _)| *other == namespace).map(|(_, rules)| &**rules).collect::<String>()
    };
    assert!(of("shop").contains("webapps") && of("bank").contains("deployments"), "{roles:?}");
    assert!(
        of("ops").contains("leases") && !of("ops").contains("webapps") && !of("shop").contains("leases"),
        "{roles:?}"
    );
    assert!(objects.iter().all(|object| object["kind"] != "ClusterRole"), "{:?}", kinds(&objects));
    let environment = objects.last().unwrap()["spec"]["template"]["spec"]["containers"][0]["env"].to_string();
    assert!(environment.contains("shop,bank") && environment.contains("STEERSMAN_LEADER_ELECTION"), "{environment}");
}

#[test]
fn what_is_watched_is_explained() {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explained");
    for (form, file) in [("table", "webapp.txt"), ("json", "webapp.json"), ("mermaid", "webapp.mmd")] {
        let text = said(&["explain", "--format", form]);
        let file = expected.join(file);
        if std::env::var_os("UPDATE_EXPLAINED").is_some() {
            std::fs::create_dir_all(&expected).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let recorded = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(text, recorded, "{}: if this is meant, run again with UPDATE_EXPLAINED=1", file.display());
    }
    serde_json::from_str::<Value>(&said(&["explain", "--format", "json"])).unwrap();
}

#[test]
fn shells_can_complete_it() {
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&["completions", shell]);
        assert!(script.contains("webapp") && script.contains("manifests") && script.contains("kubeconfig"));
    }
}

#[test]
fn help_names_the_environment_variables() {
    let help = said(&["run", "--help"]);
    for name in ["KUBECONFIG", "NAMESPACES", "LISTEN", "LEADER_ELECTION", "GRACE", "LOG", "LOG_FORMAT"] {
        assert!(help.contains(&format!("[env: STEERSMAN_{name}=]")), "{name}: {help}");
    }
}
