//! What a cached object takes in memory: what was asked of the allocator and not given back.

use std::error::Error;
use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use steersman::bench::Core;

use crate::harness::{Goal, Quantity, Report, Size};
use crate::objects::{Form, Object};
use crate::operators::SiteOperator;
use crate::snapshot::Silent;

pub(crate) const OBJECTS: usize = 10_000;
/// Children of one kind per primary.
const EACH: usize = 20;
const SITE: Form = Form::Primary("Site");

pub(crate) fn run(_: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    kind::<Deployment>(1, Form::Deployment, "Deployment of 3 kB", report)?;
    kind::<ConfigMap>(3, Form::ConfigMap, "ConfigMap with 1 kB", report)?;
    crate::stubs::run(report)
}

/// `source` is the place of the kind among the secondaries of a `Site`.
fn kind<K>(source: usize, form: Form, what: &str, report: &mut Report) -> Result<(), Box<dyn Error>>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + 'static,
{
    let objects: Vec<String> =
        (0..OBJECTS).map(|number| Object::new(form, number, 2).owned_by(SITE, number / EACH).json()).collect();
    let mut core = Core::<SiteOperator<Silent>>::new();
    core.list(0, 1, (0..OBJECTS / EACH).map(|number| Object::new(SITE, number, 1).json()))?;
    let mut kept = Ok(0);
    let ours = bytes(measure(|| kept = core.list(source, 2, &objects)));
    let kept = kept?;
    if kept != OBJECTS {
        return Err(format!("{kept} of {OBJECTS} objects are cached").into());
    }
    let plain = bytes(store::<K>(&objects, |_| {})?);
    let trimmed = bytes(store::<K>(&objects, |object| object.managed_fields_mut().clear())?);
    let sent = objects.iter().map(String::len).sum::<usize>() as f64 / OBJECTS as f64;
    report.row(format!("cached {what} ({sent:.0} B of JSON)"), ours, Some(("Store", plain)), Goal::Share(1.0));
    let peer = Some(("Store, managedFields cleared by hand", trimmed));
    report.row(format!("cached {what}, beside a tuned store"), ours, peer, Goal::None);
    Ok(())
}

fn bytes(info: AllocationInfo) -> Quantity {
    Quantity::Bytes(info.bytes_current as f64 / OBJECTS as f64)
}

/// kube's cache of these objects.
pub(crate) fn store<K>(objects: &[String], trim: impl Fn(&mut K)) -> Result<AllocationInfo, Box<dyn Error>>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + 'static,
{
    let mut writer = Writer::<K>::default();
    let reader = writer.as_reader();
    let mut parsed = Ok(());
    let info = measure(|| {
        writer.apply_watcher_event(&Event::Init);
        parsed = objects.iter().try_for_each(|json| {
            let mut object: K = serde_json::from_str(json)?;
            trim(&mut object);
            writer.apply_watcher_event(&Event::InitApply(object));
            Ok::<_, serde_json::Error>(())
        });
        writer.apply_watcher_event(&Event::InitDone);
    });
    parsed?;
    let held: Vec<Arc<K>> = reader.state();
    if held.len() == objects.len() { Ok(info) } else { Err(format!("the store holds {} objects", held.len()).into()) }
}
