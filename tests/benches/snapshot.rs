//! What a run sees of 5 kinds × 20 children: ours out of the index, and kube's out of a scan of its stores. A plain client's LISTs at a real
//! API server stand beside them in `tests/bench`.

use std::error::Error;
use std::hint::black_box;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::runtime::reflector::store::{Store, Writer};
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use steersman::bench::{Begun, Core};

use crate::harness::{Goal, Quantity, Report, Size, median, timed};
use crate::objects::{CHILDREN, Form, Object};
use crate::operators::{Site, SiteSnapshot};

/// Children of each kind per primary.
const EACH: usize = 20;
/// Snapshots of ours between two of the peer's.
const RUNS: usize = 10;
const GOAL: Goal = Goal::AtMost(Quantity::Seconds(5e-6));
const SITE: Form = Form::Primary("Site");

type SiteCore = Core<crate::operators::SiteOperator<Silent>>;

/// A reconciler that no benchmark calls.
#[derive(Debug)]
pub(crate) struct Silent;

impl crate::operators::SiteReconciler for Silent {
    type Error = std::convert::Infallible;

    async fn reconcile(
        &self,
        _: std::sync::Arc<Site>,
        _: SiteSnapshot,
        _: crate::operators::SiteContext,
    ) -> Result<steersman::Action, Self::Error> {
        Ok(steersman::Action::await_change())
    }
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    for (cached, rounds) in [(1_000, 300), (10_000, 300), (100_000, size.pick(150, 30))] {
        let mut bench = Bench::new(cached / (EACH * CHILDREN.len()))?;
        let [mut ours, mut visited, mut peer] = [const { Vec::new() }; 3];
        for _ in 0..rounds {
            let primary = bench.next();
            peer.push(timed(|| bench.stores.children(primary)).1);
            // Several, since no operator scans all its objects, and so empties the processor's caches, before each run.
            for _ in 0..RUNS {
                let primary = bench.next();
                bench.change(primary)?;
                let (snapshot, seconds) = timed(|| bench.snapshot());
                ours.push(seconds);
                visited.push(seconds + timed(|| visit(&snapshot)).1);
                bench.done();
            }
        }
        let [ours, visited, peer] = [ours, visited, peer].map(|samples| Quantity::Seconds(median(samples)));
        let cached = format!("{} k cached objects", cached / 1000);
        report.row(format!("snapshot of 5 × 20 among {cached}"), ours, Some(("reflector stores", peer)), GOAL);
        report.row(
            format!("… and every object visited, {cached}"),
            visited,
            Some(("reflector stores", peer)),
            Goal::None,
        );
    }
    Ok(())
}

/// The same objects on both sides.
struct Bench {
    core: SiteCore,
    stores: Stores,
    primaries: usize,
    rv: u64,
    begun: Option<Begun>,
}

impl Bench {
    fn new(primaries: usize) -> Result<Self, Box<dyn Error>> {
        let mut core = SiteCore::new();
        let mut stores = Stores::default();
        core.list(0, 1, (0..primaries).map(|number| Object::new(SITE, number, 1).json()))?;
        let children = |form| move |number| Object::new(form, number, 2).owned_by(SITE, number / EACH).json();
        for (source, form) in CHILDREN.into_iter().enumerate() {
            let kept = core.list(source + 1, 2, (0..primaries * EACH).map(children(form)))?;
            if kept != primaries * EACH {
                return Err(format!("{form:?}: {kept} objects are cached").into());
            }
            (0..primaries * EACH).map(children(form)).try_for_each(|json| stores.put(form, &json))?;
        }
        stores.ready();
        // The first run of each primary is over.
        while let Some(begun) = core.begin() {
            core.end(begun);
        }
        Ok(Self { core, stores, primaries, rv: 2, begun: None })
    }

    /// Some primary, each time another one.
    fn next(&mut self) -> usize {
        self.rv += 1;
        (self.rv as usize).wrapping_mul(7919) % self.primaries
    }

    /// Changes a child of a primary, so that this primary, and no other, is due.
    fn change(&mut self, primary: usize) -> Result<(), Box<dyn Error>> {
        let child = Object::new(Form::ConfigMap, primary * EACH + 3, self.rv).owned_by(SITE, primary);
        self.core.observe(3, &Object { content: self.rv, ..child }.json())?;
        Ok(())
    }

    /// What the engine does for a run up to the user's method: the decision, what it sees, and its types.
    fn snapshot(&mut self) -> SiteSnapshot {
        let begun = self.begun.insert(self.core.begin().expect("one primary is due"));
        SiteCore::snapshot(begun).1
    }

    /// The run is over; nothing else may be due.
    fn done(&mut self) {
        self.core.end(self.begun.take().expect("a run goes on"));
        assert!(self.core.begin().is_none(), "one change, one run");
    }
}

/// Looks at every object of a snapshot.
fn visit(seen: &SiteSnapshot) -> usize {
    fn names<K: steersman::Kind + Resource>(objects: &steersman::Secondaries<K>) -> (usize, usize) {
        objects.iter().fold((0, 0), |(count, length), object| {
            (count + 1, length + object.meta().name.as_ref().map_or(0, String::len))
        })
    }
    let SiteSnapshot { deployments, services, config_maps, secrets, network_policies } = seen;
    let parts = [names(deployments), names(services), names(config_maps), names(secrets), names(network_policies)];
    assert!(parts.iter().all(|(count, _)| *count == EACH));
    parts.iter().map(|(_, length)| length).sum()
}

/// kube's caches of the same five kinds.
#[derive(Default)]
struct Stores {
    deployments: Peer<Deployment>,
    services: Peer<Service>,
    config_maps: Peer<ConfigMap>,
    secrets: Peer<Secret>,
    network_policies: Peer<NetworkPolicy>,
}

struct Peer<K: Resource<DynamicType = ()> + Clone + 'static>(Writer<K>, Store<K>);

impl<K: Resource<DynamicType = ()> + Clone + 'static> Default for Peer<K> {
    fn default() -> Self {
        let mut writer = Writer::default();
        writer.apply_watcher_event(&Event::Init);
        let reader = writer.as_reader();
        Self(writer, reader)
    }
}

impl<K: Resource<DynamicType = ()> + Clone + DeserializeOwned + 'static> Peer<K> {
    fn put(&mut self, json: &str) -> Result<(), serde_json::Error> {
        self.0.apply_watcher_event(&Event::InitApply(serde_json::from_str(json)?));
        Ok(())
    }

    fn children(&self, uid: &str) -> usize {
        let owned = |object: &K| object.owner_references().iter().any(|owner| owner.uid == uid);
        black_box(self.1.state_filter(owned)).len()
    }
}

impl Stores {
    fn put(&mut self, form: Form, json: &str) -> Result<(), serde_json::Error> {
        match form {
            Form::Deployment => self.deployments.put(json),
            Form::Service => self.services.put(json),
            Form::ConfigMap => self.config_maps.put(json),
            Form::Secret => self.secrets.put(json),
            Form::NetworkPolicy => self.network_policies.put(json),
            Form::Primary(_) | Form::ReplicaSet | Form::Pod => unreachable!("no child of a Site"),
        }
    }

    fn ready(&mut self) {
        self.deployments.0.apply_watcher_event(&Event::InitDone);
        self.services.0.apply_watcher_event(&Event::InitDone);
        self.config_maps.0.apply_watcher_event(&Event::InitDone);
        self.secrets.0.apply_watcher_event(&Event::InitDone);
        self.network_policies.0.apply_watcher_event(&Event::InitDone);
    }

    /// The objects of all kinds whose owner is this primary.
    fn children(&self, primary: usize) {
        let uid = SITE.uid(primary);
        let found = [
            self.deployments.children(&uid),
            self.services.children(&uid),
            self.config_maps.children(&uid),
            self.secrets.children(&uid),
            self.network_policies.children(&uid),
        ];
        assert_eq!(found, [EACH; 5]);
    }
}
