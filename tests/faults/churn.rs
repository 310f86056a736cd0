//! Foreign hands at work on everything an operator looks after, what it does meanwhile, and what must be so in the end.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde::Serialize;
use serde_json::{Value, json};
use steersman::{Action, Operator, OperatorBuilder, Trigger};
use tests::kinds::{Shelf, ShelfSnapshot, ShelfStatus, stock};
use tests::{Journal, Place, config_map, data_of, eventually, owned_by};
use tokio::task::JoinHandle;

/// ConfigMaps of each shelf, `<shelf>-0` and up.
const MAPS: usize = 3;

/// SplitMix64.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % n as u64) as usize
    }
}

/// Shelves, foreign hands at work on them, and an operator that keeps them stocked.
pub(crate) struct Churn<'a> {
    place: &'a Place,
    primaries: usize,
    hands: Vec<JoinHandle<BTreeMap<&'static str, usize>>>,
    enough: Arc<AtomicBool>,
    ends: Ends,
    /// Runs that began with what the one before had ended with.
    vain: Journal,
}

impl<'a> Churn<'a> {
    pub(crate) fn new(place: &'a Place, primaries: usize) -> Self {
        let (enough, ends, vain) = (Arc::default(), Ends::default(), Journal::default());
        Self { place, primaries, hands: Vec::new(), enough, ends, vain }
    }

    /// The operator; all of them together are asked whether a run was in vain.
    pub(crate) fn operator(&self) -> OperatorBuilder<impl Operator + use<>> {
        let (ends, vain) = (self.ends.clone(), self.vain.clone());
        let operator = Shelf::by(&Journal::default(), move |shelf, seen, cx| {
            let (ends, vain) = (ends.clone(), vain.clone());
            async move {
                let changed = |trigger| matches!(trigger, Trigger::Primary | Trigger::Secondary(_));
                let same = ends.is_same(&shelf.name_any(), &state(&shelf, &seen));
                if same && cx.triggers().iter().all(changed) {
                    vain.note(format!("{}: {}", shelf.name_any(), cx.triggers()));
                }
                stock(&shelf.spec, &cx.config_maps()).await?;
                let seen = cx.snapshot();
                cx.apply_status(ShelfStatus { count: seen.config_maps.len() }).await?;
                ends.note(shelf.name_any(), state(&shelf, &cx.snapshot()));
                Ok(Action::await_change())
            }
        });
        operator.namespace(&self.place.namespace).max_backoff(Duration::from_secs(2))
    }

    /// Creates the shelves and sets two hands to work.
    pub(crate) async fn begin(&mut self) {
        for i in 0..self.primaries {
            let names: Vec<String> = (0..MAPS).map(|map| format!("s{i}-{map}")).collect();
            self.place.create(Shelf::of(&format!("s{i}"), &names.iter().map(String::as_str).collect::<Vec<_>>())).await;
        }
        let hand = |seed| tokio::spawn(Hand::new(self.place, seed, self.primaries).work(self.enough.clone()));
        self.hands = [1, 2].map(hand).into();
    }

    /// Lets the hands rest, and waits until everything is as it should be.
    pub(crate) async fn end(self) {
        self.enough.store(true, Ordering::Relaxed);
        for hand in self.hands {
            let done = hand.await.expect("a hand does not panic");
            println!("a hand has done {done:?}");
            assert!(done.values().sum::<usize>() > 10, "{done:?}");
        }
        // More than once: what a run has just begun to make for a shelf that is gone, nobody else collects here.
        eventually("every shelf is as it says", async || {
            sweep(self.place, self.primaries).await.is_ok() && is_stocked(self.place, self.primaries).await
        })
        .await;
        assert_eq!(self.vain.lines(), [""; 0], "runs began with what the one before had ended with");
    }
}

/// A foreign hand. What fails, because the API server is down or the other hand was faster, is left as it is.
struct Hand {
    shelves: Api<Shelf>,
    maps: Api<ConfigMap>,
    rng: Rng,
    primaries: usize,
    done: BTreeMap<&'static str, usize>,
}

impl Hand {
    fn new(place: &Place, seed: u64, primaries: usize) -> Self {
        Self { shelves: place.api(), maps: place.api(), rng: Rng(seed), primaries, done: BTreeMap::new() }
    }

    async fn work(mut self, enough: Arc<AtomicBool>) -> BTreeMap<&'static str, usize> {
        while !enough.load(Ordering::Relaxed) {
            let (what, done) = self.act().await;
            if done {
                *self.done.entry(what).or_default() += 1;
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        self.done
    }

    async fn act(&mut self) -> (&'static str, bool) {
        let shelf = format!("s{}", self.rng.below(self.primaries));
        let map = format!("{shelf}-{}", self.rng.below(MAPS));
        let word = self.rng.below(1000).to_string();
        let merge = |patch: Value| Patch::Merge(patch);
        let params = PatchParams::default();
        let (shelves, maps) = (&self.shelves, &self.maps);
        match self.rng.below(20) {
            0..7 => ("edit", maps.patch(&map, &params, &merge(json!({ "data": { "text": word } }))).await.is_ok()),
            7..9 => {
                let labels = json!({ "metadata": { "labels": { "foreign": word } } });
                ("label", maps.patch(&map, &params, &merge(labels)).await.is_ok())
            }
            9..13 => ("delete", maps.delete(&map, &DeleteParams::default()).await.is_ok()),
            13..15 => ("recreate", recreate(shelves, maps, &shelf, &map, &word).await),
            15..17 => {
                let spec = json!({ "spec": { "maps": { map: word } } });
                ("edit of the primary", shelves.patch(&shelf, &params, &merge(spec)).await.is_ok())
            }
            17..19 => {
                // Net zero, if nobody comes between.
                let there = maps.patch(&map, &params, &merge(json!({ "metadata": { "labels": { "x": "y" } } }))).await;
                let back = maps.patch(&map, &params, &merge(json!({ "metadata": { "labels": { "x": null } } }))).await;
                ("there and back", there.is_ok() && back.is_ok())
            }
            _ => ("another primary of that name", anew(shelves, maps, &shelf).await),
        }
    }
}

/// Deletes a ConfigMap and makes another one in its place, controlled by the shelf all the same.
async fn recreate(shelves: &Api<Shelf>, maps: &Api<ConfigMap>, shelf: &str, map: &str, word: &str) -> bool {
    let Ok(owner) = shelves.get(shelf).await else { return false };
    let _ = maps.delete(map, &DeleteParams::default()).await;
    maps.create(&PostParams::default(), &owned_by(config_map(map, word), &owner)).await.is_ok()
}

/// Deletes a shelf and makes another one. What was the old one's is in the way of the new one until somebody collects it.
async fn anew(shelves: &Api<Shelf>, maps: &Api<ConfigMap>, name: &str) -> bool {
    let Ok(old) = shelves.get(name).await else { return false };
    let _ = shelves.delete(name, &DeleteParams::default()).await;
    let made = shelves.create(&PostParams::default(), &Shelf::new(name, old.spec.clone())).await.is_ok();
    for i in 0..MAPS {
        let _ = maps.delete(&format!("{name}-{i}"), &DeleteParams::default()).await;
    }
    made
}

/// Makes the shelves that a hand could not make again, and collects what is left of those that are gone.
async fn sweep(place: &Place, primaries: usize) -> Result<(), kube::Error> {
    let (shelves, maps) = (place.api::<Shelf>(), place.api::<ConfigMap>());
    let there = shelves.list(&ListParams::default()).await?;
    for name in (0..primaries).map(|i| format!("s{i}")) {
        if there.iter().all(|shelf| shelf.name_any() != name) {
            shelves.create(&PostParams::default(), &Shelf::of(&name, &[&format!("{name}-0")])).await?;
        }
    }
    for map in maps.list(&ListParams::default()).await? {
        let lost = |uid: &String| there.iter().all(|shelf| shelf.uid().as_ref() != Some(uid));
        if map.owner_references().iter().any(|owner| lost(&owner.uid)) {
            maps.delete(&map.name_any(), &DeleteParams::default()).await?;
        }
    }
    Ok(())
}

/// What the operator's runs ended with, to tell a run in vain.
#[derive(Clone, Default)]
struct Ends(Arc<Mutex<HashMap<String, Value>>>);

impl Ends {
    /// Whether a run begins with what the last one ended with.
    fn is_same(&self, name: &str, state: &Value) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name).as_ref() == Some(state)
    }

    fn note(&self, name: String, state: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, state);
    }
}

/// What the predicates look at: the content of everything.
fn state(shelf: &Shelf, seen: &ShelfSnapshot) -> Value {
    let maps: Vec<Value> = seen.config_maps.iter().map(|map| content(&**map)).collect();
    json!([content(shelf), maps])
}

fn content(object: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(object).expect("an object is JSON");
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = value["metadata"].as_object_mut() {
        for field in ["resourceVersion", "generation", "managedFields"] {
            metadata.remove(field);
        }
    }
    value
}

/// Whether the API server, asked for everything, has just what the shelves say.
pub(crate) async fn is_stocked(place: &Place, primaries: usize) -> bool {
    let all = ListParams::default();
    let (Ok(shelves), Ok(maps)) = (place.api::<Shelf>().list(&all).await, place.api::<ConfigMap>().list(&all).await)
    else {
        return false;
    };
    let of = |shelf: &Shelf, map: &ConfigMap| {
        map.owner_references().iter().any(|o| o.controller == Some(true) && Some(&o.uid) == shelf.uid().as_ref())
    };
    let stocked = |shelf: &Shelf| {
        let found: BTreeMap<String, String> =
            maps.iter().filter(|map| of(shelf, map)).map(|map| (map.name_any(), data_of(map).to_owned())).collect();
        let count = shelf.status.as_ref().map(|status| status.count);
        found == shelf.spec.maps && count == Some(found.len())
    };
    let lacking: Vec<String> = shelves.iter().filter(|shelf| !stocked(shelf)).map(ResourceExt::name_any).collect();
    tracing::debug!(?lacking, "not as they say");
    shelves.items.len() == primaries && lacking.is_empty()
}
