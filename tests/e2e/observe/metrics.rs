//! The metrics, and whether the list of them is true.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;
use tests::kinds::Shelf;
use tests::port::get;
use tests::{Journal, data_of, eventually};

use super::port;
use crate::place;

const LIST: &str = include_str!("../../../runtime/docs/metrics.md");

/// A metric: its type and its labels.
type Metrics = BTreeMap<String, (String, BTreeSet<String>)>;

/// What the list says.
fn listed() -> Metrics {
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, r#type, labels, _, _] = cells[..] else { return None };
        let name = name.strip_prefix("`steersman_")?.strip_suffix('`')?;
        Some((format!("steersman_{name}"), (r#type.to_owned(), quoted(labels))))
    };
    LIST.lines().filter_map(row).collect()
}

/// What a scrape shows. The samples of a family that has none have no labels.
fn exposed(text: &str) -> Metrics {
    let mut metrics = Metrics::new();
    let mut families = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, r#type)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
            let sample = if r#type == "counter" { format!("{name}_total") } else { name.to_owned() };
            families.insert(name.to_owned(), sample.clone());
            metrics.insert(sample, (r#type.to_owned(), BTreeSet::new()));
        } else if let Some((name, labels)) = line.split_once('{').filter(|_| !line.starts_with('#')) {
            let family =
                families.iter().filter(|(family, _)| name.starts_with(family.as_str())).map(|(_, sample)| sample);
            let sample = family.max_by_key(|sample| sample.len()).expect("a sample follows its family");
            let labels = labels.split_once('}').expect("the labels end").0;
            let names = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
            let known = &mut metrics.get_mut(sample).expect("the family is known").1;
            known.extend(names.filter(|name| name != "le"));
        }
    }
    metrics
}

/// The value of the sample that begins so.
fn value(text: &str, name: &str, labels: &[&str]) -> f64 {
    let is = |line: &&str| line.starts_with(&format!("{name}{{")) && labels.iter().all(|label| line.contains(label));
    let sum: Vec<f64> = text.lines().filter(is).map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap()).collect();
    assert!(!sum.is_empty(), "no {name} with {labels:?} in\n{text}");
    sum.iter().sum()
}

#[tokio::test]
async fn metrics_of_ones_own_come_behind() {
    use steersman::prometheus_client::{metrics::counter::Counter, registry::Registry};
    let place = place("ownmetrics").await;
    let (mut registry, counter) = (Registry::default(), Counter::<u64>::default());
    registry.register("shelves_counted", "How many were counted", counter.clone());
    let (server, address) = port();
    let operator = Shelf::stocker(&Journal::default()).namespace(&place.namespace);
    let _operating = place.operate(|manager| manager.with(operator).server(server.registry(registry)));
    counter.inc_by(7);
    let text = get(address, "/metrics").await.body;
    assert!(
        text.contains("# TYPE steersman_runs counter\n") && text.ends_with("shelves_counted_total 7\n# EOF\n"),
        "{text}"
    );
}

#[tokio::test]
async fn the_list_of_metrics_is_true_both_ways() {
    let place = place("metrics").await;
    let operator = Shelf::stocker(&Journal::default()).namespace(&place.namespace);
    let stats = operator.stats();
    let (server, address) = port();
    let _operating = place.operate(|manager| manager.with(operator).server(server));
    place.started(1).await;
    place.create(Shelf::of("a", &["x", "y"])).await;
    place.there::<ConfigMap>("y").await;
    place.ended(1).await;
    place.patch::<ConfigMap>("x", json!({ "data": { "text": "foreign" } })).await;
    eventually("it is repaired", async || data_of(&place.there::<ConfigMap>("x").await) == "x").await;
    place.ended(2).await;
    let scrape = async || get(address, "/metrics").await;
    eventually("a watch has ended or all is shown", async || {
        value(&scrape().await.body, "steersman_runs_total", &["result=\"success\""]) >= 2.0
    })
    .await;
    let answer = scrape().await;
    assert!(answer.headers.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", answer.headers);
    let text = &answer.body;
    assert!(text.ends_with("# EOF\n"));

    let (listed, mut exposed) = (listed(), exposed(text));
    // A restart may or may not have occurred.
    if let Some((_, labels)) = exposed.get_mut("steersman_watch_restarts_total").filter(|(_, labels)| labels.is_empty())
    {
        labels.extend(["watch", "kind", "reason"].map(str::to_owned));
    }
    let names = |metrics: &Metrics| metrics.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&exposed), names(&listed), "exposed is on the left, listed on the right");
    assert_eq!(exposed, listed, "exposed is on the left, listed on the right");
    assert!(listed.len() > 30, "the list was read");

    let maps = "secondary=\"config_maps\"";
    assert_eq!(value(text, "steersman_wake_ups_total", &["trigger=\"config_maps\"", "kind=\"ConfigMap\""]), 1.0);
    assert_eq!(value(text, "steersman_writes_total", &[maps, "verb=\"apply\"", "result=\"success\""]), 3.0);
    assert_eq!(value(text, "steersman_writes_skipped_total", &[maps]), stats.writes_skipped() as f64);
    assert_eq!(value(text, "steersman_cache_objects", &["watch=\"configmaps\""]), 2.0);
    assert_eq!(value(text, "steersman_run_duration_seconds_count", &["task=\"reconcile\""]), stats.runs() as f64);
    assert_eq!(value(text, "steersman_run_duration_seconds_bucket", &["task=\"reconcile\"", "le=\"+Inf\""]), 2.0);
    assert_eq!(value(text, "steersman_watch_up", &[]), 2.0);
    assert_eq!(value(text, "steersman_primaries", &["operator=\"Shelf\""]), 1.0);
    // No label has the name of an object.
    assert!(!text.contains(&place.namespace), "{text}");
}
