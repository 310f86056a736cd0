//! One event, from its JSON to the decision whom to wake, for each relation, among few and among many cached objects:
//! ours in the index, kube's in the mapper that an expert writes for `Controller::owns` or `Controller::watches`.

use std::collections::HashSet;
use std::error::Error;
use std::hint::black_box;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::reflector::store::{Store, Writer};
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steersman::bench::{Core, Read};

use crate::harness::{Goal, Quantity, Report, Size, median, timed};
use crate::objects::{Form, LABEL, NAMESPACE, Object};
use crate::ships::{
    ANNOTATION, AnnotatingOperator, LabellingOperator, MappingOperator, Moored, OwningOperator, ReachingOperator,
    ReferringOperator, Ship,
};

/// ConfigMaps per primary.
const EACH: usize = 10;
/// Events in one sample: each about another primary.
const BATCH: usize = 100;
const CACHED: [usize; 2] = [1_000, 100_000];
const SHIP: Form = Form::Primary("Ship");

/// How ConfigMaps are related to ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tie {
    Owner,
    Label,
    Annotation,
    Reference,
    Through,
    Map,
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    tie::<OwningOperator<Moored>>(Tie::Owner, "owned", size, report)?;
    tie::<LabellingOperator<Moored>>(Tie::Label, "label", size, report)?;
    tie::<AnnotatingOperator<Moored>>(Tie::Annotation, "annotation", size, report)?;
    tie::<ReferringOperator<Moored>>(Tie::Reference, "reference", size, report)?;
    tie::<ReachingOperator<Moored>>(Tie::Through, "through two levels", size, report)?;
    tie::<MappingOperator<Moored>>(Tie::Map, "map", size, report)?;
    crate::cold::run(size, report)
}

fn tie<O: steersman::Operator>(tie: Tie, what: &str, size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut few: Option<[f64; 2]> = None;
    for cached in CACHED {
        let mut bench = Bench::<O>::new(tie, cached / EACH)?;
        let mut samples = [const { Vec::new() }; 4];
        for round in 0..size.pick(60, 15) {
            // Each side comes first as often as the others.
            for turn in 0..samples.len() {
                let side = (round + turn) % samples.len();
                let events = bench.events(if side == 2 { BATCH } else { cached / EACH });
                let seconds = match side {
                    0 => bench.event(&events)?,
                    1 | 2 => bench.index(&events)?,
                    _ => bench.peer(&events)?,
                };
                samples[side].push(seconds / BATCH as f64);
            }
        }
        let [whole, index, same, peer] = samples.map(median);
        let flat = |now: f64, then: fn(&[f64; 2]) -> f64| match &few {
            Some(few) => Goal::Decided { met: now <= 2.0 * then(few), text: "≤ 2 × that at 1 k" },
            None => Goal::None,
        };
        let what = format!("event to decision, {what}, {} k cached", cached / 1000);
        let beside = Some(("parse, store and mapper", Quantity::Seconds(peer)));
        report.row(what, Quantity::Seconds(whole), beside, flat(whole, |few| few[0]));
        report.row("… of which the index", Quantity::Seconds(index), None, Goal::None);
        // What the processor's caches do not hold takes its time, so that the row above grows although the work does not.
        let what = "… of which the index, events about the same 100 primaries";
        report.row(what, Quantity::Seconds(same), None, flat(same, |few| few[1]));
        few = Some([whole, same]);
    }
    Ok(())
}

/// The same objects on both sides.
struct Bench<O> {
    tie: Tie,
    core: Core<O>,
    stores: Stores,
    rv: u64,
}

impl<O: steersman::Operator> Bench<O> {
    fn new(tie: Tie, primaries: usize) -> Result<Self, Box<dyn Error>> {
        let (mut core, mut stores) = (Core::<O>::new(), Stores::default());
        let ships = (0..primaries).map(ship).collect::<Vec<_>>();
        core.list(0, 1, &ships)?;
        stores.ships.list(&ships)?;
        if tie == Tie::Through {
            let owned = |form, above| {
                (0..primaries)
                    .map(|number| Object::new(form, number, 1).owned_by(above, number).json())
                    .collect::<Vec<_>>()
            };
            let (deployments, sets) = (owned(Form::Deployment, SHIP), owned(Form::ReplicaSet, Form::Deployment));
            core.list(1, 1, &deployments)?;
            core.list(2, 1, &sets)?;
            stores.deployments.list(&deployments)?;
            stores.sets.list(&sets)?;
        }
        let maps = (0..primaries * EACH).map(|number| map(tie, number, 2)).collect::<Vec<_>>();
        let kept = core.list(tie.source(), 2, &maps)?;
        if kept != maps.len() {
            return Err(format!("{tie:?}: {kept} of {} objects are cached", maps.len()).into());
        }
        stores.maps.list(&maps)?;
        let mut bench = Self { tie, core, stores, rv: 2 };
        bench.runs(primaries)?;
        Ok(bench)
    }

    /// Changes of ConfigMaps, each of another one of the first `ships`.
    fn events(&mut self, ships: usize) -> Vec<String> {
        let numbers = (self.rv as usize..).take(BATCH).map(|i| i.wrapping_mul(7919) % ships);
        let events = numbers.zip(self.rv..).map(|(ship, rv)| map(self.tie, ship * EACH + 3, rv + 1));
        let events = events.collect();
        self.rv += BATCH as u64;
        events
    }

    fn event(&mut self, events: &[String]) -> Result<f64, Box<dyn Error>> {
        let source = self.tie.source();
        let (kept, seconds) = timed(|| events.iter().try_for_each(|json| self.core.observe(source, json).map(|_| ())));
        kept?;
        self.runs(BATCH)?;
        Ok(seconds)
    }

    fn index(&mut self, events: &[String]) -> Result<f64, Box<dyn Error>> {
        let source = self.tie.source();
        let read: Vec<Read> = events.iter().map(|json| self.core.read(source, json)).collect::<Result<_, _>>()?;
        let ((), seconds) = timed(|| read.into_iter().for_each(|read| assert!(self.core.take_in(source, read))));
        self.runs(BATCH)?;
        Ok(seconds)
    }

    fn peer(&mut self, events: &[String]) -> Result<f64, Box<dyn Error>> {
        let (woken, seconds) = timed(|| {
            let mut woken = HashSet::new();
            events.iter().try_for_each(|json| {
                let map: ConfigMap = serde_json::from_str(json)?;
                self.stores.decide(self.tie, &map, &mut woken);
                self.stores.maps.writer.apply_watcher_event(&Event::Apply(map));
                Ok::<_, serde_json::Error>(())
            })?;
            Ok::<_, serde_json::Error>(woken)
        });
        let woken = black_box(woken?).len();
        if woken == BATCH { Ok(seconds) } else { Err(format!("the peer wakes {woken} of {BATCH}").into()) }
    }

    /// So many runs are due; they see what has changed.
    fn runs(&mut self, expected: usize) -> Result<(), Box<dyn Error>> {
        let mut runs = 0;
        while let Some(begun) = self.core.begin() {
            self.core.end(begun);
            runs += 1;
        }
        if runs == expected { Ok(()) } else { Err(format!("{:?}: {runs} runs instead of {expected}", self.tie).into()) }
    }
}

impl Tie {
    /// The place of the ConfigMaps among what the operator declares.
    fn source(self) -> usize {
        if self == Self::Through { 3 } else { 1 }
    }
}

fn ship(number: usize) -> String {
    let mut ship: Value = serde_json::from_str(&Object::new(SHIP, number, 1).json()).expect("just written");
    let names: Vec<String> = (number * EACH..(number + 1) * EACH).map(|map| Form::ConfigMap.name(map)).collect();
    ship["spec"] = json!({ "names": names });
    ship.to_string()
}

/// A ConfigMap that names its ship in every way, so that it is of the same size for all relations.
fn map(tie: Tie, number: usize, rv: u64) -> String {
    let above = if tie == Tie::Through { Form::ReplicaSet } else { SHIP };
    let object = Object { content: rv, ..Object::new(Form::ConfigMap, number, rv).owned_by(above, number / EACH) };
    let mut map: Value = serde_json::from_str(&object.json()).expect("just written");
    map["metadata"]["annotations"] = json!({ ANNOTATION: above.name(number / EACH) });
    map.to_string()
}

/// kube's caches.
#[derive(Default)]
struct Stores {
    ships: Cached<Ship>,
    deployments: Cached<Deployment>,
    sets: Cached<ReplicaSet>,
    maps: Cached<ConfigMap>,
}

impl Stores {
    /// Whom a mapper wakes; kube has no part in whether anything of interest has changed.
    fn decide(&self, tie: Tie, map: &ConfigMap, woken: &mut HashSet<ObjectRef<Ship>>) {
        let ship = |name: &String| ObjectRef::new(name).within(NAMESPACE);
        match tie {
            Tie::Owner => woken.extend(owner(map).map(|name| ship(&name))),
            Tie::Label | Tie::Map => woken.extend(map.labels().get(LABEL).map(ship)),
            Tie::Annotation => woken.extend(map.annotations().get(ANNOTATION).map(ship)),
            // As kube's documentation does it: there is no index.
            Tie::Reference => {
                let name = map.name_any();
                let ships = self.ships.reader.state();
                woken.extend(ships.iter().filter(|s| s.spec.names.contains(&name)).map(|s| ObjectRef::from_obj(&**s)));
            }
            Tie::Through => {
                let set = owner(map).and_then(|name| self.sets.get(&name));
                let deployment = set.and_then(|set| owner(&*set)).and_then(|name| self.deployments.get(&name));
                woken.extend(deployment.and_then(|deployment| owner(&*deployment)).map(|name| ship(&name)));
            }
        }
    }
}

fn owner(object: &impl Resource) -> Option<String> {
    object.owner_references().iter().find(|owner| owner.controller == Some(true)).map(|owner| owner.name.clone())
}

struct Cached<K: Resource<DynamicType = ()> + Clone + 'static> {
    writer: Writer<K>,
    reader: Store<K>,
}

impl<K: Resource<DynamicType = ()> + Clone + 'static> Default for Cached<K> {
    fn default() -> Self {
        let writer = Writer::default();
        let reader = writer.as_reader();
        Self { writer, reader }
    }
}

impl<K: Resource<DynamicType = ()> + Clone + DeserializeOwned + 'static> Cached<K> {
    fn list(&mut self, objects: &[String]) -> Result<(), serde_json::Error> {
        self.writer.apply_watcher_event(&Event::Init);
        for json in objects {
            self.writer.apply_watcher_event(&Event::InitApply(serde_json::from_str(json)?));
        }
        self.writer.apply_watcher_event(&Event::InitDone);
        Ok(())
    }

    fn get(&self, name: &str) -> Option<std::sync::Arc<K>> {
        self.reader.get(&ObjectRef::new(name).within(NAMESPACE))
    }
}
