//! The core without watches, tasks and API server, for the benchmarks of this workspace. Not a public interface: it
//! changes without notice.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::clock::now;
use crate::core::account::{RunResult, RunTask};
use crate::core::applied::Applied;
use crate::core::cache::Event;
use crate::core::history::{History, Run, pack};
use crate::core::key::Rv;
use crate::core::raw::RawMeta;
use crate::core::record::{Asked, Record};
use crate::core::world::{CacheId, OperatorId, Outcome, Ticket, World};
use crate::kind::{Kind, KindInfo};
use crate::matcher::{OwnedFields, Verdict, compare, normalize};
use crate::operator::Operator;
use crate::run::{Plan, Settings};
use crate::snapshot::View;
use crate::stats::Stats;
use crate::write::{Judgement, Wish};

/// One operator with a cache for its primaries (source 0) and for each of its secondaries (sources 1 and up, in the
/// order of declaration).
pub struct Core<O> {
    world: World,
    operator: OperatorId,
    sources: Vec<(CacheId, KindInfo, Asked)>,
    stats: Stats,
    types: PhantomData<fn() -> O>,
}

/// An object that was read: in full if somebody wants it, its metadata otherwise.
#[derive(Debug)]
pub struct Read(Result<Record, RawMeta>);

/// A run that has begun.
#[derive(Debug)]
pub struct Begun(Ticket);

impl<O: Operator> Core<O> {
    /// With empty caches; each wants its list.
    pub fn new() -> Self {
        let mut settings = Settings::new(O::declaration());
        settings.declaration.resync = None;
        settings.concurrency = usize::MAX;
        settings.field_manager = MANAGER.to_owned();
        let (mut world, mut plan) = (World::default(), Plan::default());
        plan.add(&settings, &mut world, 1);
        let watches = plan.watches();
        let sources = plan.sources(0).iter().map(|source| {
            let watch = &watches[source.cache.0];
            (source.cache, watch.kind.clone(), watch.asked.clone())
        });
        let (sources, stats) = (sources.collect(), settings.stats.clone());
        Self { world, operator: OperatorId(0), sources, stats, types: PhantomData }
    }

    /// Takes in a complete list of a source, taken at version `rv`; returns how many of the objects are kept.
    ///
    /// # Errors
    /// See [`Core::observe`].
    pub fn list<T: AsRef<str>>(
        &mut self,
        source: usize,
        rv: u64,
        objects: impl IntoIterator<Item = T>,
    ) -> Result<usize, serde_json::Error> {
        let cache = self.sources[source].0;
        let mut kept = 0;
        self.world.observe(cache, None, Event::ListBegin, Instant::now());
        for object in objects {
            kept += usize::from(self.observe(source, object.as_ref())?);
        }
        self.world.observe(cache, None, Event::ListEnd(Rv(rv)), Instant::now());
        Ok(kept)
    }

    /// Takes in one version of an object, as its watch does; returns whether it is kept.
    ///
    /// # Errors
    /// The object cannot be decoded.
    pub fn observe(&mut self, source: usize, json: &str) -> Result<bool, serde_json::Error> {
        let read = self.read(source, json)?;
        Ok(self.take_in(source, read))
    }

    /// The first half of [`Core::observe`]: reads the object, as far as it is wanted.
    ///
    /// # Errors
    /// The object cannot be decoded.
    pub fn read(&self, source: usize, json: &str) -> Result<Read, serde_json::Error> {
        let (cache, kind, asked) = &self.sources[source];
        let meta = RawMeta::parse(json, &asked.namings)?;
        if !self.world.wants(*cache, &meta) {
            return Ok(Read(Err(meta)));
        }
        let record = Record::decode(kind, asked, meta, json).map_err(|undecodable| undecodable.error)?;
        Ok(Read(Ok(record)))
    }

    /// The second half: finds whom it concerns, and wakes them; returns whether the object is kept.
    pub fn take_in(&mut self, source: usize, read: Read) -> bool {
        let (cache, now) = (self.sources[source].0, Instant::now());
        let wanted = read.0.is_ok();
        match read.0 {
            Ok(record) => self.world.observe(cache, None, Event::Applied(record), now),
            Err(meta) => self.world.pass_by(cache, None, &meta, now),
        }
        wanted
    }

    /// The watch of a source has shown everything up to version `rv`.
    pub fn bookmark(&mut self, source: usize, rv: u64) {
        self.world.observe(self.sources[source].0, None, Event::Bookmark(Rv(rv)), Instant::now());
    }

    /// How many objects are to be fetched, because somebody has come to need them; they are forgotten.
    pub fn wanted(&mut self) -> usize {
        self.world.take_wanted().len()
    }

    /// The next run, if one is due.
    pub fn begin(&mut self) -> Option<Begun> {
        self.world.pop(self.operator, Instant::now()).map(Begun)
    }

    /// What the run sees, as the user's method gets it.
    pub fn snapshot(begun: &Begun) -> (Arc<O::Primary>, O::Snapshot) {
        let view: View = begun.0.sight.view().clone();
        let primary = view.primary.object().cloned();
        (primary.expect("a run begins with a decoded primary"), O::snapshot(&view))
    }

    /// Counts and remembers a run, as the engine does at its beginning and end.
    pub fn account(&mut self, begun: &Begun) {
        let Ticket { operator, id, uid, task, triggers, .. } = &begun.0;
        let began = now();
        self.stats.run(triggers);
        let (task, result) = (RunTask::of(task), RunResult::Success);
        let took = now().saturating_duration_since(began);
        self.stats.end(task, result, took);
        let triggers = pack(triggers, |name| self.stats.counters().secondary(name).saturating_sub(1));
        let run = Run { began, took, task, result, triggers, writes: 0, written: 0, provoked: false };
        self.world.remember(*operator, *id, *uid, &run, None);
    }

    /// The most bytes that are remembered of one primary's runs.
    pub fn remembered(&self) -> usize {
        History::MOST
    }

    /// The run has succeeded and awaits a change.
    pub fn end(&mut self, begun: Begun) {
        let Ticket { operator, id, uid, sight, .. } = begun.0;
        self.world.finish(operator, id, &sight, uid, Outcome::Done { requeue: None }, Instant::now());
    }
}

/// The check whether an apply of `K` would change anything.
pub struct NoOp<K> {
    kind: KindInfo,
    record: Record,
    applied: Option<Applied>,
    types: PhantomData<fn() -> K>,
}

/// The field manager of [`NoOp`] and of all objects in [`Core`].
pub const MANAGER: &str = "site.bench";

impl<K: Kind> NoOp<K> {
    /// Against this object, which has what [`MANAGER`] has applied in its managedFields.
    ///
    /// # Errors
    /// The object cannot be decoded.
    pub fn new(json: &str) -> Result<Self, serde_json::Error> {
        let kind = K::info();
        let managers = [Arc::from(MANAGER)].into();
        let asked = Asked { projections: [].into(), managers, namings: [].into(), forms: Arc::default() };
        let record = Record::decode(&kind, &asked, RawMeta::parse(json, &[])?, json);
        Ok(Self { kind, record: record.map_err(|undecodable| undecodable.error)?, applied: None, types: PhantomData })
    }

    /// Whether the apply may be left out, and whether that was known without a look at the fields.
    ///
    /// # Errors
    /// The object cannot be written as JSON.
    pub fn check(&mut self, desired: &K) -> Result<(bool, bool), serde_json::Error> {
        let mut body = desired.to_json()?;
        crate::matcher::normalize(&self.kind, &mut body);
        let wish = Wish::new(body, "");
        match wish.judge(&self.kind, MANAGER, self.applied, &self.record) {
            Judgement::Known => Ok((true, true)),
            Judgement::Same(stored) => {
                self.applied = stored.map(|stored| wish.as_applied(stored, &self.record));
                Ok((true, false))
            }
            Judgement::Other(_) => Ok((false, false)),
        }
    }

    /// Forgets what was found, as a restart does.
    pub fn forget(&mut self) {
        self.applied = None;
    }
}

impl<K> fmt::Debug for NoOp<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoOp").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The body that an apply of `desired` sends, but for the name of the kind, owner reference and precondition.
///
/// # Errors
/// The object cannot be written as JSON.
pub fn body<K: Kind>(desired: &K) -> Result<Value, serde_json::Error> {
    let mut body = desired.to_json()?;
    normalize(&K::info(), &mut body);
    Ok(body)
}

/// What keeps an apply of a [`body`] to `live` from being left out, where `owned` is our entry in managedFields; `None` if
/// nothing does.
///
/// # Errors
/// The object cannot be written as JSON.
pub fn need<K: Kind>(body: &Value, live: &K, owned: &str) -> Result<Option<String>, serde_json::Error> {
    match compare(&K::info(), body, &live.to_json()?, &OwnedFields::new(owned)) {
        Verdict::Same => Ok(None),
        Verdict::Differs(difference) => Ok(Some(difference.to_string())),
        Verdict::Unknown(difference) => Ok(Some(format!("unknown: {difference}"))),
    }
}

impl<O: Operator> Default for Core<O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O> fmt::Debug for Core<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
