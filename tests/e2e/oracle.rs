//! What is not sent would have changed nothing: the API server is asked, with manifests and foreign changes at random.

use std::marker::PhantomData;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, PersistentVolumeClaim, ResourceQuota, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steersman::{Kind, bench};
use tests::{Palette, Place, eventually};

use crate::manifests::{Case, cases};
use crate::place;

/// How often each manifest is varied; `STEERSMAN_ORACLE_ROUNDS` sets another number.
const ROUNDS: u64 = 25;
const MANAGER: &str = "oracle";

/// Numbers that only look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 33) as usize % end
    }
}

/// What the rounds came to.
#[derive(Debug, Default)]
struct Tally {
    /// The server changes nothing, and nothing is sent.
    silent: usize,
    /// The server changes something, and it is sent.
    sent: usize,
    /// The server changes nothing, and yet it is sent, because of this.
    in_vain: Vec<String>,
    /// The server refuses it.
    refused: usize,
}

/// All places in a manifest that may be changed without starting many Pods.
fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let fixed =
        ["/apiVersion", "/kind", "/metadata/name", "/spec/replicas", "/spec/suspend", "/spec/jobTemplate/spec/suspend"];
    let metadata = pointer.strip_prefix("/metadata/").and_then(|rest| rest.split('/').next());
    let settable = ["labels", "annotations"];
    if fixed.contains(&pointer)
        || pointer.starts_with("/status")
        || metadata.is_some_and(|field| !settable.contains(&field))
    {
        return;
    }
    if !["", "/metadata", "/spec"].contains(&pointer) {
        found.push(pointer.to_owned());
    }
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| places(value, &format!("{pointer}/{}", name.replace('/', "~1")), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| places(value, &format!("{pointer}/{i}"), found))
        }
        _ => {}
    }
}

/// Changes one place: another value, an empty one, none, another order.
fn vary(manifest: &mut Value, dice: &mut Dice) {
    let mut found = Vec::new();
    places(manifest, "", &mut found);
    let Some(pointer) = found.get(dice.below(found.len().max(1))) else { return };
    if dice.below(4) == 0 {
        let (outer, last) = pointer.rsplit_once('/').expect("a pointer");
        match manifest.pointer_mut(outer).expect("it has been found") {
            Value::Array(items) => drop(items.remove(last.parse().expect("an index"))),
            outer => drop(outer.as_object_mut().expect("a field").remove(&last.replace("~1", "/"))),
        }
        return;
    }
    let value = manifest.pointer_mut(pointer).expect("it has been found");
    *value = match value.take() {
        Value::String(text) => match dice.below(6) {
            0 => "".into(),
            1 => format!("{text}x").into(),
            2 => "1000m".into(),
            3 => "1".into(),
            4 => "TCP".into(),
            _ => text.to_uppercase().into(),
        },
        Value::Number(number) => [0, 1, number.as_i64().unwrap_or_default() + 1][dice.below(3)].into(),
        Value::Bool(value) => (!value).into(),
        Value::Array(mut items) if items.len() > 1 && dice.below(2) == 0 => {
            items.reverse();
            items.into()
        }
        Value::Array(mut items) => {
            let extra = items.first().cloned().filter(|_| dice.below(2) == 0);
            items.extend(extra);
            if dice.below(3) == 0 { json!([]) } else { items.into() }
        }
        Value::Object(_) if dice.below(2) == 0 => json!({}),
        Value::Object(mut fields) => {
            fields.insert(
                ["zone", "name", "value", "protocol", "optional"][dice.below(5)].into(),
                ["x", ""][dice.below(2)].into(),
            );
            fields.into()
        }
        Value::Null => Value::Null,
    };
}

fn varied(manifest: &Value, changes: usize, dice: &mut Dice) -> Value {
    let mut manifest = manifest.clone();
    (0..changes).for_each(|_| vary(&mut manifest, dice));
    manifest
}

/// What counts of an answer: not the status, which controllers write meanwhile, nor the time of an entry.
fn content(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").remove("status");
    let metadata = object["metadata"].as_object_mut().expect("it has metadata");
    let entries = metadata.remove("managedFields").unwrap_or_default();
    metadata.insert("owned".into(), owned(&entries).unwrap_or_default());
    object
}

/// Our entry among these.
fn owned(entries: &Value) -> Option<Value> {
    let ours = |entry: &&Value| {
        entry["manager"] == MANAGER && entry["operation"] == "Apply" && entry.get("subresource").is_none()
    };
    entries.as_array()?.iter().find(ours).map(|entry| entry["fieldsV1"].clone())
}

/// One object, changed in turn by an old release of an operator, by somebody else, and (if it were sent) by a new release.
struct Subject<K> {
    api: Api<DynamicObject>,
    case: Case,
    kind: PhantomData<fn() -> K>,
}

impl<K> Subject<K>
where
    K: Kind + Resource<DynamicType = ()> + DeserializeOwned,
{
    fn new(place: &Place, case: &Case) -> Self {
        let resource = ApiResource::erase::<K>(&());
        let api = Api::namespaced_with(place.client.clone(), &place.namespace, &resource);
        Self { api, case: case.clone(), kind: PhantomData }
    }

    /// The body that the operator would send; `None` if the manifest is not one of its kind.
    fn body(&self, manifest: &Value) -> Option<Value> {
        let mut body = bench::body(&serde_json::from_value::<K>(manifest.clone()).ok()?).expect("it can be written");
        (body["apiVersion"], body["kind"]) = (K::api_version(&()).into(), K::kind(&()).into());
        Some(body)
    }

    /// `None` if the server refuses it.
    async fn apply(&self, body: &Value, dry: bool) -> Option<Value> {
        let params = PatchParams { dry_run: dry, ..PatchParams::apply(MANAGER).force() };
        let answer = self.api.patch(self.case.name, &params, &Patch::Apply(body)).await.ok()?;
        serde_json::to_value(answer).ok()
    }

    async fn get(&self) -> Value {
        serde_json::to_value(self.api.get(self.case.name).await.expect("it is there")).expect("it is JSON")
    }

    /// Applies a variation; if that is refused, the manifest itself.
    async fn begin(&self, varied: &Value) {
        if let Some(body) = self.body(varied)
            && self.apply(&body, false).await.is_some()
        {
            return;
        }
        let body = self.body(&self.case.manifest).expect("the manifest is one of its kind");
        if self.apply(&body, false).await.is_none() {
            // What somebody else has made of it does not go together with the manifest.
            self.remove().await;
            self.apply(&body, false).await.expect("the manifest is accepted");
        }
    }

    async fn remove(&self) {
        let (api, name) = (&self.api, self.case.name);
        let free = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
        api.patch(name, &PatchParams::default(), &free).await.expect("its finalizers can be taken off");
        api.delete(name, &DeleteParams::background()).await.expect("it can be deleted");
        eventually(&format!("{name} is gone"), async || api.get_opt(name).await.expect("it can be read").is_none())
            .await;
    }

    /// Somebody else writes the object as it is, but for one change; refused or not.
    async fn disturb(&self, dice: &mut Dice) {
        let foreign = varied(&self.get().await, 1, dice);
        if let Ok(foreign) = serde_json::from_value::<DynamicObject>(foreign) {
            let params = PostParams { field_manager: Some("foreign".into()), ..PostParams::default() };
            let _ = self.api.replace(self.case.name, &params, &foreign).await;
        }
    }

    /// What is there, and what an apply would make of exactly that.
    async fn ask(&self, body: &Value) -> (Value, Option<Value>) {
        let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
        loop {
            let live = self.get().await;
            let asked = self.apply(body, true).await;
            if asked.as_ref().is_none_or(|asked| version(asked) == version(&live)) {
                return (live, asked);
            }
        }
    }

    async fn round(&self, round: u64, tally: &mut Tally) {
        let mut dice = Dice(round << 8 | self.case.kind.len() as u64);
        let old = varied(&self.case.manifest, dice.below(3), &mut dice);
        self.begin(&old).await;
        if dice.below(2) == 0 {
            self.disturb(&mut dice).await;
        }
        let changes = dice.below(3);
        let new = varied(if dice.below(2) == 0 { &old } else { &self.case.manifest }, changes, &mut dice);
        let Some(body) = self.body(&new) else { return };
        let (live, asked) = self.ask(&body).await;
        let Some(owned) = owned(&live["metadata"]["managedFields"]) else { return };
        let Some(asked) = asked else {
            tally.refused += 1;
            return;
        };
        let seen = serde_json::from_value::<K>(live.clone()).expect("the server's answer can be decoded");
        let need = bench::need(&body, &seen, &owned.to_string()).expect("it can be written");
        let (live, asked) = (content(&live), content(&asked));
        match need {
            None if asked == live || self.is_only_shared(&live, &asked) => tally.silent += 1,
            None => panic!(
                "{} {}, round {round}: not sent, and yet\n{live:#}\nbecomes\n{asked:#}\nby\n{body:#}",
                self.case.kind, self.case.name
            ),
            Some(need) if asked == live => tally.in_vain.push(need),
            Some(_) => tally.sent += 1,
        }
    }

    /// Of custom resources it cannot always be told that a field, as desired, is not ours but somebody else's.
    fn is_only_shared(&self, live: &Value, asked: &Value) -> bool {
        let mut values = asked.clone();
        values["metadata"]["owned"] = live["metadata"]["owned"].clone();
        K::group(&()) == Palette::group(&()) && values == *live
    }
}

async fn rounds<K>(place: &Place, case: &Case, rounds: u64) -> Tally
where
    K: Kind + Resource<DynamicType = ()> + DeserializeOwned,
{
    let subject = Subject::<K>::new(place, case);
    let body = subject.body(&case.manifest).expect("the manifest is one of its kind");
    subject.apply(&body, false).await.expect("the manifest is accepted");
    let mut tally = Tally::default();
    for round in 0..rounds {
        subject.round(round, &mut tally).await;
    }
    tally
}

macro_rules! by_kind {
    ($place:expr, $case:expr, $rounds:expr; $($kind:ident)*) => {
        match $case.kind {
            $(stringify!($kind) => rounds::<$kind>($place, $case, $rounds).await,)*
            other => panic!("{other} is not declared"),
        }
    };
}

#[tokio::test]
async fn what_is_not_sent_would_have_changed_nothing() {
    let place = place("oracle").await;
    let number = std::env::var("STEERSMAN_ORACLE_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number"));
    let cases = cases();
    let all = cases.iter().map(async |case| {
        by_kind!(&place, case, number;
            Deployment StatefulSet DaemonSet Job CronJob Service Ingress NetworkPolicy PodDisruptionBudget
            HorizontalPodAutoscaler ConfigMap Secret ServiceAccount PersistentVolumeClaim LimitRange ResourceQuota EndpointSlice Role RoleBinding Palette)
    });
    let tallies = futures::future::join_all(all).await;
    for (case, Tally { silent, sent, in_vain, refused }) in cases.iter().zip(&tallies) {
        let (kind, name, vain) = (case.kind, case.name, in_vain.len());
        println!("{kind} {name}: {silent} silent, {sent} sent, {vain} in vain, {refused} refused");
        in_vain.iter().for_each(|need| println!("    {need}"));
    }
    let sum = |count: fn(&Tally) -> usize| tallies.iter().map(count).sum::<usize>();
    let (silent, sent, in_vain) =
        (sum(|tally| tally.silent), sum(|tally| tally.sent), sum(|tally| tally.in_vain.len()));
    let least = cases.len() * usize::try_from(number).expect("a number") / 10;
    assert!(silent > least && sent > least, "the rounds are worth something: {silent} silent, {sent} sent");
    assert!(in_vain < silent, "{in_vain} of {silent}");
}
