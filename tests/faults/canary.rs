//! The value of a Secret is nowhere but in the Secret: not in logs, errors or events, whatever goes wrong with it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::events::v1::Event as SentEvent;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::core::ObjectMeta;
use kube::{Api, Resource, ResourceExt};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use steersman::{Action, BoxError, Event, Operator, WriteError};
use tests::kinds::Shelf;
use tests::{Journal, Log, Place, eventually, owned_by, typed};

use crate::turn;

/// What nobody may see. Its length is divisible by three, so that the base64 of whatever begins with it begins with its own.
const CANARY: &str = "canary-4f1c9a7e";
/// The same as a number.
const NUMBER: u64 = 471_147_114_711;

/// A Secret of a type of one's own, which takes none that there is.
#[derive(Resource, Clone, Debug, Default, Deserialize, Serialize)]
#[resource(inherit = Secret)]
struct Pins {
    metadata: ObjectMeta,
    #[serde(default)]
    data: BTreeMap<String, Pin>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Pin {
    Text(ByteString),
    Number(u64),
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!("{value} is no PIN")))
    }
}

/// A Secret whose values are numbers, says its type.
#[derive(Resource, Clone, Debug, Default, Deserialize, Serialize)]
#[resource(inherit = Secret)]
struct Numbers {
    metadata: ObjectMeta,
    #[serde(default)]
    data: BTreeMap<String, u32>,
}

/// Shelves of Secrets.
#[derive(Operator, Debug)]
#[operator(primary = Shelf)]
#[secondary(Secret)]
#[secondary(Pins)]
#[secondary(Numbers, one, name = named, reference = |shelf| &shelf.spec.note)]
struct Keepsake;

/// Shelves of Secrets some fields of which others have.
#[derive(Operator, Debug)]
#[operator(primary = Shelf)]
#[secondary(Secret, force = false)]
struct Timid;

/// What is done for a shelf, its name says. Each error is written down in every form.
struct Keeper {
    journal: Journal,
    count: AtomicUsize,
}

impl KeepsakeReconciler for Keeper {
    type Error = BoxError;

    async fn reconcile(
        &self,
        shelf: Arc<Shelf>,
        seen: KeepsakeSnapshot,
        cx: KeepsakeContext,
    ) -> Result<Action, BoxError> {
        let name = shelf.name_any();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut action = Action::await_change();
        let result = match name.as_str() {
            "immutable" => {
                let mut secret = secret(&name, &format!("{CANARY}-{}", shelf.spec.note));
                secret.immutable = Some(true);
                cx.secrets().apply(secret).await.map(drop)
            }
            "config" => {
                let mut secret = secret(&name, CANARY);
                secret.type_ = Some("kubernetes.io/dockerconfigjson".into());
                secret.data = Some([(".dockerconfigjson".to_owned(), ByteString(format!("{{{CANARY}").into()))].into());
                cx.secrets().apply(secret).await.map(drop)
            }
            "patched" if seen.secrets.is_empty() => cx.secrets().apply(secret(&name, CANARY)).await.map(drop),
            "patched" => cx.secrets().patch(&name, json!({ "data": { "word": NUMBER } })).await.map(drop),
            "number" => cx.pins().apply(pins(&name, Pin::Number(NUMBER))).await.map(drop),
            "answer" => cx.pins().apply(pins(&name, Pin::Text(ByteString(CANARY.into())))).await.map(drop),
            "whims" => {
                action = if count < 400 { Action::again() } else { action };
                cx.secrets().apply(secret(&name, &format!("{CANARY}-{count}"))).await.map(drop)
            }
            "watched" | "conflict" => Ok(()),
            _ => cx.secrets().apply(secret(&name, CANARY)).await.map(drop),
        };
        if let Err(error) = &result {
            self.note(&name, error);
            cx.event(Event::warning("Failed", "Apply", error.to_string()));
        }
        result?;
        Ok(action)
    }
}

impl TimidReconciler for Keeper {
    type Error = BoxError;

    async fn reconcile(&self, shelf: Arc<Shelf>, _: TimidSnapshot, cx: TimidContext) -> Result<Action, BoxError> {
        let name = shelf.name_any();
        if name == "conflict" {
            let result = cx.secrets().apply(secret(&name, CANARY)).await;
            result.inspect_err(|error| self.note(&name, error))?;
        }
        Ok(Action::await_change())
    }
}

impl Keeper {
    fn note(&self, name: &str, error: &WriteError) {
        let sources = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
        let sources: Vec<String> = sources.map(ToString::to_string).collect();
        self.journal.note(format!("{name}: {error}; {sources:?}; {error:?}; {error:#?}"));
    }
}

fn secret(name: &str, word: &str) -> Secret {
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    let data = [("word".to_owned(), ByteString(word.into()))].into();
    Secret { metadata, data: Some(data), ..Secret::default() }
}

fn pins(name: &str, pin: Pin) -> Pins {
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    Pins { metadata, data: [("word".to_owned(), pin)].into() }
}

/// All forms in which the values may be shown.
fn forms() -> [String; 5] {
    let bytes = CANARY.as_bytes().iter().take(8);
    [
        CANARY.to_owned(),
        json!(ByteString(CANARY.into())).as_str().unwrap_or_default().trim_end_matches('=').to_owned(),
        NUMBER.to_string(),
        bytes.clone().map(u8::to_string).collect::<Vec<_>>().join(", "),
        // As `{:#?}` shows them, on lines of their own.
        bytes.map(u8::to_string).collect::<Vec<_>>().join(","),
    ]
}

/// Fails if one of the values is in there.
fn has_none(what: &str, text: &str) {
    let without_spaces: String = text.split_whitespace().collect();
    for form in forms() {
        for text in [text, &without_spaces] {
            if let Some(at) = text.find(&form) {
                let begin = text[..at].char_indices().rev().nth(300).map_or(0, |(i, _)| i);
                panic!("{what} shows `{form}`: {}", &text[begin..at + form.len()]);
            }
        }
    }
}

/// Has the API server refuse each Secret of this name, in words that repeat its value.
async fn deny(place: &Place, name: &str) {
    let policy = format!("{}.test.steersman.dev", place.namespace);
    let scope = json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": place.namespace } },
        "resourceRules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["secrets"] }] });
    let validation = json!({
        "expression": format!("object.metadata.name != '{name}'"),
        "messageExpression": "'the word ' + object.data['word'] + ' is known'",
    });
    let metadata = json!({ "name": policy });
    let spec = json!({ "matchConstraints": scope, "validations": [validation] });
    let object = typed::<ValidatingAdmissionPolicy>(json!({ "metadata": metadata, "spec": spec }));
    Api::all(place.client.clone()).create(&PostParams::default(), &object).await.expect("the policy is accepted");
    let spec = json!({ "policyName": policy, "validationActions": ["Deny"] });
    let object = typed::<ValidatingAdmissionPolicyBinding>(json!({ "metadata": metadata, "spec": spec }));
    Api::all(place.client.clone()).create(&PostParams::default(), &object).await.expect("the binding is accepted");
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    eventually("the policy works", async || {
        let denied = place.api().create(&dry, &secret(name, "harmless")).await;
        matches!(denied, Err(kube::Error::Api(status)) if status.message.contains("aGFybWxlc3M= is known"))
    })
    .await;
}

/// Somebody else applies a word of a Secret.
async fn interfere(place: &Place, name: &str, word: &str) {
    let foreign = json!({ "apiVersion": "v1", "kind": "Secret", "data": { "word": ByteString(word.into()) } });
    let params = PatchParams::apply("foreign").force();
    place.api::<Secret>().patch(name, &params, &Patch::Apply(foreign)).await.expect("a Secret can be changed");
}

async fn shelf(place: &Place, name: &str) -> Shelf {
    place.create(Shelf::of(name, &[])).await
}

#[tokio::test]
async fn no_value_of_a_secret_is_shown_whatever_goes_wrong() {
    let turn = turn("canary").await;
    let place = &turn.place;
    deny(place, "denied").await;
    // Of everything in this process, not of the runtime alone.
    let log = Log::capture_all();
    let journal = Journal::default();
    let keeper = || Keeper { journal: journal.clone(), count: AtomicUsize::new(0) };
    let keepsake = Keepsake::operator(keeper()).namespace(&place.namespace).max_backoff(Duration::from_millis(50));
    let timid = Timid::operator(keeper()).namespace(&place.namespace).max_backoff(Duration::from_millis(50));
    let operating = place.operate(|manager| manager.with(keepsake).with(timid));
    log.says(&["all caches are complete"]).await;

    // What cannot be decoded: shown by a watch, and fetched.
    place.create(secret("referred", CANARY)).await;
    let owner = shelf(place, "watched").await;
    place.create(owned_by(secret("watched", CANARY), &owner)).await;
    log.says(&["WARN", "an object cannot be decoded", "/watched", "a value is refused: (hidden)"]).await;
    place.patch::<Shelf>("watched", json!({ "spec": { "note": "referred" } })).await;
    log.says(&["WARN", "an object cannot be decoded", "/referred", "invalid type: (hidden), expected u32"]).await;

    // What is refused, and what cannot be decoded once it is done.
    for (name, said) in [
        ("config", "is invalid: data[.dockerconfigjson]: "),
        ("patched", "cannot unmarshal number"),
        ("number", "expected string, got &value.valueUnstructured{Value:(hidden)}"),
        ("answer", "the answer to apply of Secret"),
        ("denied", "denied request: the word (hidden) is known"),
    ] {
        shelf(place, name).await;
        eventually(&format!("{name} is refused: {:?}", journal.lines()), async || {
            journal.lines().iter().any(|line| line.starts_with(&format!("{name}: ")) && line.contains(said))
        })
        .await;
        log.says(&["WARN", "the run failed", said]).await;
    }
    shelf(place, "immutable").await;
    place.there::<Secret>("immutable").await;
    place.patch::<Shelf>("immutable", json!({ "spec": { "note": "other" } })).await;
    log.says(&["WARN", "the run failed", "is immutable"]).await;

    // What others want otherwise.
    shelf(place, "conflict").await;
    place.there::<Secret>("conflict").await;
    interfere(place, "conflict", &format!("{CANARY}-foreign")).await;
    log.says(&["WARN", "the run failed", "has fields of other managers: .data.word of `foreign`"]).await;
    shelf(place, "quarrel").await;
    quarrel(place, "quarrel").await;
    log.says(&["WARN", "somebody keeps changing", ".data.word is (hidden) instead of (hidden)"]).await;
    shelf(place, "whims").await;
    log.says(&["WARN", "each run wants something else", ".data.word is (hidden) instead of (hidden)"]).await;

    eventually("events are sent", async || !events(place).await.is_empty()).await;
    operating.stop().await;
    has_none("an event", &serde_json::to_string(&events(place).await).unwrap());
    has_none("an error", &journal.lines().join("\n"));
    has_none("the log", &log.lines(&[]).join("\n"));
}

async fn events(place: &Place) -> Vec<SentEvent> {
    place.api::<SentEvent>().list(&ListParams::default()).await.expect("they can be listed").items
}

/// Another hand changes the word whenever the operator has repaired it.
async fn quarrel(place: &Place, name: &str) {
    let is_repaired = async || {
        let secret = place.get::<Secret>(name).await;
        let word = secret.as_ref().and_then(|secret| secret.data.as_ref()?.get("word"));
        word.is_some_and(|word| word.0 == CANARY.as_bytes())
    };
    for round in 0..7 {
        eventually("it is repaired", is_repaired).await;
        let data = json!({ "data": { "word": ByteString(format!("{CANARY}-{round}").into()) } });
        place.patch::<Secret>(name, data).await;
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}
