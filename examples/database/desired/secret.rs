//! The Secrets that the operator makes.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use super::{labels, metadata};
use crate::database::api::Database;

/// Where the password stands in [`credentials`].
pub const PASSWORD: &str = "password";
/// Where the key stands in [`keyfile`].
pub const KEY: &str = "key";
/// The annotation that says when the password was made.
const ROTATED: &str = "db.demo.steersman.dev/rotated";

/// The name of the Secret with the password of `root`.
pub fn credentials_name(database: &Database) -> String {
    format!("{}-credentials", database.name_any())
}

/// The name of the Secret with the key by which members know each other.
pub fn key_name(database: &Database) -> String {
    format!("{}-key", database.name_any())
}

/// The first Secret with the password of `root`, made at this time.
pub fn credentials(database: &Database, password: String, now: Timestamp) -> Secret {
    let secret = Secret {
        metadata: metadata(credentials_name(database), labels(&database.name_any())),
        data: Some(data([("username", "root".to_owned())])),
        ..Secret::default()
    };
    with_password(secret, password, now)
}

/// The same with another password. Everything else stays as it is.
pub fn with_password(mut secret: Secret, password: String, now: Timestamp) -> Secret {
    secret.data.get_or_insert_default().extend(data([(PASSWORD, password)]));
    // To the second, which is enough for a time in days.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    secret.annotations_mut().insert(ROTATED.to_owned(), now.to_string());
    secret
}

/// Whether a Secret has this entry: somebody may have taken it out.
pub fn has(secret: &Secret, entry: &str) -> bool {
    secret.data.as_ref().is_some_and(|data| data.contains_key(entry))
}

/// When the password was made, if that is known.
pub fn rotated_at(credentials: &Secret) -> Option<Timestamp> {
    credentials.annotations().get(ROTATED)?.parse().ok()
}

/// The Secret with the key by which members know each other. It is made once, for the life of the database.
pub fn keyfile(database: &Database, key: String) -> Secret {
    let metadata = metadata(key_name(database), labels(&database.name_any()));
    with_key(Secret { metadata, ..Secret::default() }, key)
}

/// The same with another key.
pub fn with_key(mut secret: Secret, key: String) -> Secret {
    secret.data.get_or_insert_default().extend(data([(KEY, key)]));
    secret
}

fn data<const N: usize>(entries: [(&str, String); N]) -> BTreeMap<String, ByteString> {
    entries.map(|(key, value)| (key.to_owned(), ByteString(value.into_bytes()))).into()
}
