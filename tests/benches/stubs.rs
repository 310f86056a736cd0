//! What objects take in memory that nobody is related to, but may be some day.

use std::error::Error;

use allocation_counter::measure;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, Secret};
use serde_json::{Value, json};
use steersman::Operator;
use steersman::bench::Core;

use crate::harness::{Goal, Quantity, Report};
use crate::memory::{OBJECTS, store};
use crate::objects::{Form, Object};
use crate::ships::{CrewedOperator, HidingOperator, Moored, UnlockingOperator};

/// Secrets that are referred to, by as many ships.
const REFERRED: usize = 100;
/// Pods of one ReplicaSet.
const PODS: usize = 2;
const SHIP: Form = Form::Primary("Ship");

pub(crate) fn run(report: &mut Report) -> Result<(), Box<dyn Error>> {
    secrets(report)?;
    pods(report)
}

/// 10,000 Secrets, of which few are referred to, beside the same as somebody's own.
fn secrets(report: &mut Report) -> Result<(), Box<dyn Error>> {
    let every = OBJECTS / REFERRED;
    let ships: Vec<String> = (0..REFERRED).map(|number| ship(number, &Form::Secret.name(number * every))).collect();
    let secrets: Vec<String> = (0..OBJECTS).map(|number| secret(number, number % REFERRED)).collect();
    let referred = held::<UnlockingOperator<Moored>>(&ships, &secrets, REFERRED)?;
    let owned = held::<HidingOperator<Moored>>(&ships, &secrets, OBJECTS)?;
    let plain = store::<Secret>(&secrets, |_| {})?.bytes_current as f64;
    let what = "10 k Secrets of 1 kB, 100 of them referred to";
    report.row(
        what,
        Quantity::Bytes(referred),
        Some(("all of them cached", Quantity::Bytes(owned))),
        Goal::Share(0.05),
    );
    report.row(
        "… beside kube's",
        Quantity::Bytes(referred),
        Some(("Store", Quantity::Bytes(plain))),
        Goal::Share(0.05),
    );
    let full = owned / OBJECTS as f64 * REFERRED as f64;
    let each = (referred - full) / (OBJECTS - REFERRED) as f64;
    report.row("… for each that nobody refers to", Quantity::Bytes(each), None, Goal::None);
    Ok(())
}

/// The bytes for the Secrets.
fn held<O: Operator>(ships: &[String], secrets: &[String], expected: usize) -> Result<f64, Box<dyn Error>> {
    let mut core = Core::<O>::new();
    core.list(0, 1, ships)?;
    let mut kept = Ok(0);
    let info = measure(|| {
        kept = core.list(1, 2, secrets);
        core.wanted();
    });
    let kept = kept?;
    if kept == expected { Ok(info.bytes_current as f64) } else { Err(format!("{kept} Secrets are cached").into()) }
}

/// 10,000 foreign Pods below foreign ReplicaSets below foreign Deployments. The Pods come first, so that all of them wait
/// until the watches of what stands above have come as far.
fn pods(report: &mut Report) -> Result<(), Box<dyn Error>> {
    let deployments: Vec<String> =
        (0..OBJECTS / PODS).map(|number| Object::new(Form::Deployment, number, 1).json()).collect();
    let sets = below(Form::ReplicaSet, Form::Deployment, 1);
    let pods = below(Form::Pod, Form::ReplicaSet, PODS);
    let (wait, all) = watched(&deployments, &sets, &pods)?;
    let (_, without) = watched(&deployments, &sets, &[])?;
    let peer = store::<Pod>(&pods, |_| {})?.bytes_current as f64;
    let above = store::<ReplicaSet>(&sets, |_| {})?.bytes_current as f64
        + store::<Deployment>(&deployments, |_| {})?.bytes_current as f64;
    let row = |what: &str, ours: f64, peer: f64, report: &mut Report| {
        report.row(what, Quantity::Bytes(ours), Some(("Store", Quantity::Bytes(peer))), Goal::Share(0.05));
    };
    row("10 k foreign Pods below foreign ReplicaSets", all - without, peer, report);
    row("… with 5 k ReplicaSets and 5 k Deployments", all, peer + above, report);
    let each = (all - without) / OBJECTS as f64;
    report.row("… for each foreign Pod", Quantity::Bytes(each), None, Goal::AtMost(Quantity::Bytes(150.0)));
    report.row("… while the parents' watches lag", Quantity::Bytes(wait), None, Goal::None);
    Ok(())
}

/// The bytes while the Pods wait, and in the end.
fn watched(deployments: &[String], sets: &[String], pods: &[String]) -> Result<(f64, f64), Box<dyn Error>> {
    let mut core = Core::<CrewedOperator<Moored>>::new();
    core.list(0, 1, std::iter::empty::<&str>())?;
    let (mut lower, mut upper) = (Ok(()), Ok(()));
    let wait = measure(|| lower = core.list(3, 3, pods).map(|_| ()));
    let rest = measure(|| {
        upper = core.list(2, 2, sets).and_then(|_| core.list(1, 1, deployments)).map(|_| ());
        (0..3).for_each(|source| core.bookmark(source, 4));
    });
    lower?;
    upper?;
    Ok((wait.bytes_current as f64, (wait.bytes_current + rest.bytes_current) as f64))
}

fn below(form: Form, above: Form, each: usize) -> Vec<String> {
    let count = OBJECTS / PODS * each;
    (0..count).map(|number| Object::new(form, number, 1).owned_by(above, number / each).json()).collect()
}

fn ship(number: usize, name: &str) -> String {
    let mut ship: Value = serde_json::from_str(&Object::new(SHIP, number, 1).json()).expect("just written");
    ship["spec"] = json!({ "names": [name] });
    ship.to_string()
}

fn secret(number: usize, ship: usize) -> String {
    let object = Object::new(Form::Secret, number, 2).owned_by(SHIP, ship);
    let mut secret: Value = serde_json::from_str(&object.json()).expect("just written");
    // In base64.
    secret["data"]["file"] = "eHh4".repeat(256).into();
    secret.to_string()
}
