//! The start beside 10,000 primaries with 5 secondaries each: from the JSON of their lists until every first run is popped.

use std::error::Error;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::Resource;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::reflector::store::{Store, Writer};
use kube::runtime::watcher::Event;
use serde::de::DeserializeOwned;
use steersman::bench::Core;

use crate::harness::{Goal, Quantity, Report, Size, median, timed};
use crate::objects::{CHILDREN, Form, Object};
use crate::operators::{Site, SiteOperator};
use crate::snapshot::Silent;

const PRIMARIES: usize = 10_000;
const OBJECTS: usize = PRIMARIES * (1 + CHILDREN.len());
const SITE: Form = Form::Primary("Site");

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let lists: Vec<Vec<String>> = std::iter::once(SITE).chain(CHILDREN).map(list).collect();
    let [mut ours, mut late, mut peer] = [const { Vec::new() }; 3];
    for round in 0..size.pick(7, 3) {
        // Each side comes first as often as the others.
        for turn in 0..3 {
            match (round + turn) % 3 {
                0 => ours.push(start(&lists, [0, 1, 2, 3, 4, 5])?),
                1 => late.push(start(&lists, [5, 4, 3, 2, 1, 0])?),
                _ => peer.push(stores(&lists)?),
            }
        }
    }
    let [ours, late, peer] = [ours, late, peer].map(median);
    let name = "parse and reflector stores";
    let beside = |each: f64| Some((name, Quantity::Seconds(peer / each)));
    let all = "cold start, 10 k primaries × 5 secondaries, until all first runs are popped";
    report.row(all, Quantity::Seconds(ours), beside(1.0), Goal::None);
    report.row("… for each object", Quantity::Seconds(ours / OBJECTS as f64), beside(OBJECTS as f64), Goal::None);
    report.row("… the primaries come last", Quantity::Seconds(late), beside(1.0), Goal::None);
    Ok(())
}

fn list(form: Form) -> Vec<String> {
    let object = |number| Object::new(form, number, 1);
    let owned = |number| if form == SITE { object(number) } else { object(number).owned_by(SITE, number) };
    (0..PRIMARIES).map(|number| owned(number).json()).collect()
}

fn start(lists: &[Vec<String>], order: [usize; 6]) -> Result<f64, Box<dyn Error>> {
    let mut core = Core::<SiteOperator<Silent>>::new();
    let (runs, seconds) = timed(|| {
        for source in order {
            core.list(source, 1, &lists[source])?;
        }
        Ok::<_, serde_json::Error>(std::iter::from_fn(|| core.begin()).count())
    });
    let runs = runs?;
    if runs == PRIMARIES { Ok(seconds) } else { Err(format!("{runs} runs have begun").into()) }
}

/// kube's caches of the six kinds, and the primaries out of them: what a `Controller` begins with.
fn stores(lists: &[Vec<String>]) -> Result<f64, Box<dyn Error>> {
    let (held, seconds) = timed(|| {
        let (_sites, sites) = store::<Site>(&lists[0])?;
        let first: Vec<_> = sites.state().iter().map(|site| ObjectRef::from_obj(&**site)).collect();
        let secondaries = (
            store::<Deployment>(&lists[1])?,
            store::<Service>(&lists[2])?,
            store::<ConfigMap>(&lists[3])?,
            store::<Secret>(&lists[4])?,
            store::<NetworkPolicy>(&lists[5])?,
        );
        Ok::<_, serde_json::Error>((first.len(), _sites, secondaries))
    });
    let held = held?.0;
    if held == PRIMARIES { Ok(seconds) } else { Err(format!("the store holds {held} primaries").into()) }
}

fn store<K>(objects: &[String]) -> Result<(Writer<K>, Store<K>), serde_json::Error>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + 'static,
{
    let mut writer = Writer::default();
    let reader = writer.as_reader();
    writer.apply_watcher_event(&Event::Init);
    for json in objects {
        writer.apply_watcher_event(&Event::InitApply(serde_json::from_str(json)?));
    }
    writer.apply_watcher_event(&Event::InitDone);
    Ok((writer, reader))
}
