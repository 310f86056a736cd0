//! Which watches the operators of a manager need together.

use std::any::TypeId;
use std::sync::Arc;

use kube::core::{Expression, Selector};

use super::builder::Settings;
use crate::core::naming::Naming;
use crate::core::record::Asked;
use crate::core::relation::{Owners, Relation};
use crate::core::world::{CacheId, Source, World};
use crate::kind::KindInfo;
use crate::operator::Declaration;
use crate::projection::Projection;
use crate::rights::is_fetched;
use crate::secondary::{Related, Secondary};
use crate::watch::{Asks, Attribute, Narrowing, Watch};

/// All watches, and what each operator reads from them.
#[derive(Default)]
pub(crate) struct Plan {
    needs: Vec<Need>,
    /// The sources of each operator.
    sources: Vec<Vec<Source>>,
}

/// One watch in the making.
struct Need {
    kind: KindInfo,
    narrowing: Narrowing,
    cache: CacheId,
    projections: Vec<Projection>,
    managers: Vec<Arc<str>>,
    namings: Vec<Naming>,
    attributes: Vec<Attribute>,
    /// The caches that hold the owners of these objects: without them nobody can tell whose these are.
    after: Vec<CacheId>,
    /// Whether single objects are fetched.
    is_fetched: bool,
}

impl Plan {
    /// Adds an operator, with its sources, to the world.
    pub(crate) fn add(&mut self, settings: &Settings, world: &mut World, seed: u64) {
        let Declaration { name, primary, selector, secondaries, .. } = &settings.declaration;
        let attribute = Attribute { text: Attribute::PRIMARY.to_owned(), operator: name, asks: Asks::Primary };
        let narrowing = Narrowing::new(settings, primary, selector.clone(), None);
        let mut sources =
            vec![self.need(primary, narrowing, &settings.declaration.compared(), attribute, settings, world)];
        for secondary in secondaries {
            let asks = if secondary.optional { Asks::Optional } else { Asks::Secondary };
            let attribute = Attribute { text: secondary.attribute.to_owned(), operator: name, asks };
            let narrowing = Narrowing::new(settings, &secondary.kind, selector_of(secondary), secondary.fields);
            let Secondary { kind, projection, .. } = secondary;
            let source = self.need(kind, narrowing, projection, attribute, settings, world);
            self.needs[source.cache.0].is_fetched |= is_fetched(&settings.declaration, secondary);
            sources.push(source);
        }
        let relations = self.relations(&settings.declaration, &sources);
        for (secondary, relation) in relations.iter().enumerate() {
            let owners = relation.parent().map_or(0, |parent| parent + 1);
            if matches!(relation, Relation::Owned(_) | Relation::Through { .. } | Relation::Referenced { .. }) {
                self.needs[sources[secondary + 1].cache.0].after.push(sources[owners].cache);
            }
        }
        world.add_operator(
            &settings.declaration,
            sources.clone(),
            relations,
            settings.pace(),
            settings.concurrency,
            seed,
        );
        self.sources.push(sources);
    }

    /// What an operator reads: at index 0 its primaries, then each secondary.
    pub(crate) fn sources(&self, operator: usize) -> &[Source] {
        &self.sources[operator]
    }

    /// Joins a watch that there is, or plans a new one.
    fn need(
        &mut self,
        kind: &KindInfo,
        narrowing: Narrowing,
        projection: &Projection,
        attribute: Attribute,
        settings: &Settings,
        world: &mut World,
    ) -> Source {
        let identity = |kind: &KindInfo| -> (TypeId, String, String, bool) {
            (kind.type_id, kind.api_version(), kind.plural.to_string(), kind.metadata)
        };
        let same = |need: &Need| identity(&need.kind) == identity(kind) && need.narrowing == narrowing;
        let i = self.needs.iter().position(same).unwrap_or_else(|| {
            self.needs.push(Need {
                kind: kind.clone(),
                narrowing: narrowing.clone(),
                cache: world.add_cache(&narrowing.namespaces),
                projections: Vec::new(),
                managers: Vec::new(),
                namings: Vec::new(),
                attributes: Vec::new(),
                after: Vec::new(),
                is_fetched: false,
            });
            self.needs.len() - 1
        });
        let need = &mut self.needs[i];
        need.projections.push(projection.clone());
        need.managers.push(settings.field_manager.as_str().into());
        need.attributes.push(attribute);
        Source { cache: need.cache, projection: need.projections.len() - 1 }
    }

    /// How each secondary is related, with what is to be taken out of the objects for that.
    fn relations(&mut self, declaration: &Declaration, sources: &[Source]) -> Box<[Relation]> {
        let Declaration { primary, secondaries, .. } = declaration;
        let relation = |(i, secondary): (usize, &Secondary)| {
            let Secondary { kind, related, any_owner, cross_namespace: cross, .. } = secondary;
            let (cross, namespaced) = (*cross, primary.namespaced);
            match related {
                Related::Owned => Relation::Owned(Owners::of(primary, *any_owner)),
                Related::Through(parent) => {
                    Relation::Through { parent: *parent, owners: Owners::of(&secondaries[*parent].kind, *any_owner) }
                }
                Related::Label(key) => self.named(sources[i + 1], Naming::Label { key, namespaced }),
                Related::Annotation(key) => self.named(sources[i + 1], Naming::Annotation { key, namespaced, cross }),
                Related::Map(names) => {
                    self.named(sources[i + 1], Naming::Function { names: names.clone(), namespaced, cross: true })
                }
                Related::Reference(names) => {
                    let naming = Naming::Function { names: names.clone(), namespaced: kind.namespaced, cross };
                    Relation::Referenced { names: self.naming(sources[0], naming) }
                }
            }
        };
        secondaries.iter().enumerate().map(relation).collect()
    }

    fn named(&mut self, source: Source, naming: Naming) -> Relation {
        Relation::Named { typed: naming.is_typed(), names: self.naming(source, naming) }
    }

    fn naming(&mut self, source: Source, naming: Naming) -> usize {
        let namings = &mut self.needs[source.cache.0].namings;
        namings.push(naming);
        namings.len() - 1
    }

    /// The watches, in the order of their caches.
    pub(crate) fn watches(&self) -> Vec<Watch> {
        let watch = |need: &Need| Watch {
            kind: need.kind.clone(),
            narrowing: need.narrowing.clone(),
            cache: need.cache,
            asked: Asked {
                projections: need.projections.clone().into(),
                managers: need.managers.clone().into(),
                namings: need.namings.clone().into(),
                forms: Arc::default(),
            },
            attributes: need.attributes.clone(),
            after: self.before(need),
            is_fetched: need.is_fetched,
            account: Arc::default(),
        };
        self.needs.iter().map(watch).collect()
    }

    /// The caches that have to be complete before a watch begins; one that waits for this one itself, by others maybe, has not.
    fn before(&self, need: &Need) -> Vec<CacheId> {
        let waits = |from: CacheId, for_: CacheId| {
            let (mut seen, mut next) = (vec![from], vec![from]);
            while let Some(cache) = next.pop() {
                if cache == for_ {
                    return true;
                }
                let after = self.needs[cache.0].after.iter().filter(|other| !seen.contains(other));
                let after: Vec<CacheId> = after.copied().collect();
                seen.extend(&after);
                next.extend(after);
            }
            false
        };
        need.after.iter().copied().filter(|after| !waits(*after, need.cache)).collect()
    }
}

/// What a watch of this secondary is narrowed by: what it declares, and the label that relates it.
fn selector_of(secondary: &Secondary) -> Selector {
    let mut selector = secondary.selector.clone();
    if let Related::Label(key) = secondary.related {
        selector.extend(Expression::Exists(key.to_owned()));
    }
    selector
}
