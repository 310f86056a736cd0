//! What the objects look like.

mod database;
mod job;
mod secret;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::ResourceExt;
use kube::core::ObjectMeta;

use super::api::Database;
pub use database::{budget, client_service, config_map, headless_service, stateful_set};
pub use job::{backup, restore};
pub use secret::{
    KEY, PASSWORD, credentials, credentials_name, has, key_name, keyfile, rotated_at, with_key, with_password,
};

/// The label by which everything that belongs to a database names it. Volume claims have no owner, and so nothing else that would
/// tell whose they are; `app.kubernetes.io/instance`, which anybody may set, is no ground to delete data on.
pub const DATABASE: &str = "db.demo.steersman.dev/database";
/// The label that says whether a Pod is a member of a shard or a router, and of which shard.
pub const GROUP: &str = "db.demo.steersman.dev/group";

/// A part of a database that is a StatefulSet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The shard of this number.
    Shard(i32),
    /// The routers.
    Routers,
}

impl Part {
    /// All parts of a database, in the order in which they are restarted.
    pub fn all(database: &Database) -> impl Iterator<Item = Self> + use<> {
        (0..database.spec.shards).map(Self::Shard).chain([Self::Routers])
    }

    /// The value of the label [`GROUP`].
    pub fn group(self) -> String {
        match self {
            Self::Shard(number) => format!("shard-{number}"),
            Self::Routers => "router".to_owned(),
        }
    }

    /// The name of its StatefulSet.
    pub fn name(self, database: &Database) -> String {
        format!("{}-{}", database.name_any(), self.group())
    }

    fn replicas(self, database: &Database) -> i32 {
        match self {
            Self::Shard(_) => database.spec.members,
            Self::Routers => database.spec.routers,
        }
    }

    fn labels(self, database: &Database) -> BTreeMap<String, String> {
        let mut labels = labels(&database.name_any());
        labels.insert(GROUP.to_owned(), self.group());
        labels
    }
}

fn labels(database: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("app.kubernetes.io/name".to_owned(), "database".to_owned()),
        (DATABASE.to_owned(), database.to_owned()),
    ])
}

/// The namespace and the owner reference are set when the object is written.
fn metadata(name: String, labels: BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta { name: Some(name), labels: Some(labels), ..ObjectMeta::default() }
}

fn selector(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}
