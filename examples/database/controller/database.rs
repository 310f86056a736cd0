//! The reconciler of [`Database`]s.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Resource, ResourceExt};
use steersman::{Action, Cleanup, Conditions, Deletion, Event, Handled, WriteError};

use super::Error;
use crate::database::api::{
    Database, DatabaseContext, DatabaseReconciler, DatabaseSnapshot, DatabaseStatus, TaskKind, Turn,
};
use crate::database::clock::Clock;
use crate::database::decide::{self, Group, Rotation, Step, Waiting};
use crate::database::desired::{self, Part};
use crate::database::secrets;

/// Brings the cluster to what a [`Database`] asks for.
#[derive(Debug, Default)]
pub struct DatabaseController {
    clock: Clock,
}

impl DatabaseController {
    /// One that takes the time from this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl DatabaseReconciler for DatabaseController {
    type Error = Error;

    async fn reconcile(&self, db: Arc<Database>, seen: DatabaseSnapshot, cx: DatabaseContext) -> Result<Action, Error> {
        let turn = turn(&db, &seen);
        let rotation = self.secrets(&db, &cx).await?;
        cx.config_map().apply(desired::config_map(&db)).await?;
        cx.services().apply(desired::headless_service(&db)).await?;
        cx.services().apply(desired::client_service(&db)).await?;
        for part in Part::all(&db) {
            cx.pod_disruption_budgets().apply(desired::budget(&db, part)).await?;
        }
        if let Some(missing) = missing_secret(&db, &cx.snapshot()) {
            // What runs goes on running, and what does not waits. The watch says when the Secret is there.
            let found = Err(("SecretMissing", format!("there is no Secret {missing}")));
            self.report(&db, &cx, turn, found).await?;
        } else {
            let checksum = checksum(&db, &cx.snapshot());
            for part in Part::all(&db) {
                cx.stateful_sets().apply(desired::stateful_set(&db, part, &checksum, is_of_restore(&turn))).await?;
            }
            self.roll(&db, &cx, turn).await?;
        }
        Ok(match rotation {
            Rotation::In(rest) => Action::requeue(rest),
            Rotation::Never | Rotation::Due => Action::await_change(),
        })
    }

    /// Only Pods have changed: the next one may be restarted, and the status tells of them. Nothing else needs a look.
    async fn reconcile_pods(
        &self,
        db: Arc<Database>,
        seen: DatabaseSnapshot,
        cx: DatabaseContext,
    ) -> Result<Handled, Error> {
        let turn = turn(&db, &seen);
        if turn.as_ref() != db.turn() || missing_secret(&db, &seen).is_some() {
            return Ok(Handled::Escalate);
        }
        self.roll(&db, &cx, turn).await?;
        Ok(Handled::Done)
    }

    /// Deletes the data if that is wanted. The claims are nobody's otherwise, so no garbage collector does that.
    async fn cleanup(&self, db: Arc<Database>, seen: DatabaseSnapshot, cx: DatabaseContext) -> Result<Cleanup, Error> {
        if !db.spec.delete_volumes {
            return Ok(Cleanup::Done);
        }
        // A StatefulSet that is deleted in the foreground stays until its Pods are gone, and a claim stays while a Pod uses it.
        for set in seen.stateful_sets.iter().filter(|set| set.metadata.deletion_timestamp.is_none()) {
            cx.stateful_sets().delete_with(&set.name_any(), Deletion::foreground()).await?;
        }
        if !cx.snapshot().stateful_sets.is_empty() {
            return Ok(Cleanup::AwaitChange);
        }
        for claim in &seen.volumes {
            cx.volumes().delete(&claim.name_any()).await?;
        }
        Ok(if cx.snapshot().volumes.is_empty() { Cleanup::Done } else { Cleanup::AwaitChange })
    }
}

impl DatabaseController {
    /// Makes the Secrets that the operator makes itself. They are no function of the spec: a password is made once and then read
    /// from the snapshot, whatever runs follow. So they are not applied but created, which never replaces one that is there,
    /// and replaced in exactly the version that this run has seen.
    async fn secrets(&self, db: &Database, cx: &DatabaseContext) -> Result<Rotation, Error> {
        let generated = cx.snapshot().generated;
        match generated.get(&desired::key_name(db)) {
            None => drop(cx.generated().create(desired::keyfile(db, secrets::random::<64>()?)).await?),
            Some(old) if !desired::has(old, desired::KEY) => {
                let next = desired::with_key(Secret::clone(old), secrets::random::<64>()?);
                cx.generated().replace(next).await?;
            }
            Some(_) => {}
        }
        let now = self.clock.now();
        let days = db.spec.rotate_password_days;
        let Some(old) = generated.get(&desired::credentials_name(db)) else {
            cx.generated().create(desired::credentials(db, secrets::random::<24>()?, now)).await?;
            return Ok(decide::rotation(Some(now), days, now));
        };
        match decide::rotation(desired::rotated_at(old), days, now) {
            later @ (Rotation::Never | Rotation::In(_)) if desired::has(old, desired::PASSWORD) => return Ok(later),
            _ => {}
        }
        cx.generated().replace(desired::with_password(Secret::clone(old), secrets::random::<24>()?, now)).await?;
        cx.event(Event::normal("PasswordRotated", "RotatePassword", "root has a new password").related(&**old));
        Ok(decide::rotation(Some(now), days, now))
    }

    /// Restarts the next Pod, if it is time, and reports.
    async fn roll(&self, db: &Database, cx: &DatabaseContext, turn: Option<Turn>) -> Result<(), Error> {
        let groups = groups(db, &cx.snapshot());
        let found = match decide::next_step(&groups, turn.is_some() && !is_of_restore(&turn)) {
            Step::Done if decide::is_stopped(&groups) => {
                Err(("Paused", "nothing runs, because of a restore".to_owned()))
            }
            Step::Done => Ok(()),
            Step::Restart(pod) => {
                restart(cx, &pod).await?;
                Err(("Restarting", format!("{pod} is restarted")))
            }
            Step::Wait(why) => Err(("Waiting", why)),
        };
        self.report(db, cx, turn, found).await
    }

    /// Says how it is; `found` is why the database is not ready.
    async fn report(
        &self,
        db: &Database,
        cx: &DatabaseContext,
        turn: Option<Turn>,
        found: Result<(), (&str, String)>,
    ) -> Result<(), Error> {
        let seen = cx.snapshot();
        let old = db.status.iter().flat_map(|status| &status.conditions);
        let mut conditions = Conditions::of(old, db.metadata.generation).at(Time(self.clock.now()));
        let paused = matches!(found, Err(("Paused", _)));
        let (reason, message) = match &found {
            Ok(()) => ("AllServe", "all members and routers serve".to_owned()),
            Err((reason, message)) => (*reason, message.clone()),
        };
        conditions.set("Ready", found.is_ok(), reason, message);
        conditions.set("Paused", paused, if paused { "Restore" } else { "NoRestore" }, "");
        let ready = decide::ready(&groups(db, &seen));
        let volumes = seen.volumes.iter().filter(|claim| decide::is_bound(claim)).count();
        let volumes = i32::try_from(volumes).unwrap_or(i32::MAX);
        cx.apply_status(DatabaseStatus { conditions: conditions.into_vec(), ready, volumes, turn }).await?;
        Ok(())
    }
}

/// Deletes a Pod, so that its StatefulSet makes it anew: the very Pod that was judged, in the version that was judged. Its status may
/// have changed since, or somebody else has deleted it; then the next run judges again.
async fn restart(cx: &DatabaseContext, pod: &str) -> Result<(), WriteError> {
    match cx.pods().delete_with(pod, Deletion::background().unchanged()).await {
        Err(WriteError::Outdated { .. }) => Ok(()),
        deleted => {
            if deleted? {
                cx.event(Event::normal("Restarted", "Restart", format!("{pod} starts anew with the present template")));
            }
            Ok(())
        }
    }
}

/// The parts of the database, in the order in which they are restarted.
fn groups(db: &Database, seen: &DatabaseSnapshot) -> Vec<Group> {
    let sets = Part::all(db).filter_map(|part| seen.stateful_sets.get(&part.name(db)));
    sets.map(|set| Group::of(set, seen.pods.iter().map(Arc::as_ref))).collect()
}

/// Whose turn it is now.
fn turn(db: &Database, seen: &DatabaseSnapshot) -> Option<Turn> {
    let backups = seen.backups.iter().map(|backup| waiting(TaskKind::Backup, &**backup));
    let restores = seen.restores.iter().map(|restore| waiting(TaskKind::Restore, &**restore));
    let queue: Vec<Waiting> = backups.chain(restores).collect();
    let groups = groups(db, seen);
    let is_whole = groups.len() == Part::all(db).count() && !decide::is_stopped(&groups);
    decide::turn(db.turn(), &queue, is_whole && decide::next_step(&groups, false) == Step::Done)
}

fn is_of_restore(turn: &Option<Turn>) -> bool {
    turn.as_ref().is_some_and(|turn| turn.kind == TaskKind::Restore)
}

fn waiting(kind: TaskKind, task: &impl Resource) -> Waiting {
    let who = Turn { kind, name: task.name_any(), uid: task.uid().unwrap_or_default() };
    Waiting { since: task.creation_timestamp().map(|time| time.0), who }
}

/// The name of a Secret without which nothing can start.
fn missing_secret(db: &Database, seen: &DatabaseSnapshot) -> Option<String> {
    let tls = db.spec.tls_secret.iter().filter(|_| seen.tls.is_none());
    let users = db.spec.users.iter().map(|user| &user.secret).filter(|name| seen.users.get(name).is_none());
    tls.chain(users).next().cloned()
}

/// A checksum of everything that Pods read only when they start.
fn checksum(db: &Database, seen: &DatabaseSnapshot) -> String {
    let key = seen.generated.get(&desired::key_name(db));
    let key = key.and_then(|secret| secret.data.as_ref()?.get(desired::KEY)).map_or(&[][..], |key| &key.0);
    let configuration = db.spec.configuration.iter().map(|(name, value)| (name.clone(), value.as_bytes()));
    let credentials = seen.generated.get(&desired::credentials_name(db));
    let secrets = credentials.into_iter().chain(&seen.tls).chain(&seen.users);
    let entries = secrets.flat_map(|secret| {
        let data = secret.data.iter().flatten();
        data.map(|(name, value)| (format!("{}/{name}", secret.name_any()), &value.0[..]))
    });
    let values: Vec<(String, &[u8])> = configuration.chain(entries).collect();
    secrets::checksum(key, values.iter().map(|(name, value)| (name.as_str(), *value)))
}
