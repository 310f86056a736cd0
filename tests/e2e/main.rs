//! The promises, kept against a real API server: one control plane, a namespace per test.
#![forbid(unsafe_code)]

mod actions;
mod bad_input;
mod conditions;
mod contended;
mod counts;
mod deletes;
mod deletion;
mod events;
mod facts;
mod failures;
mod finalizers;
mod force;
mod in_memory;
mod limits;
mod manifests;
mod observe;
mod oracle;
mod own_writes;
mod quarrels;
mod races;
mod readiness;
mod refusals;
mod relations;
mod rights;
mod round_trip;
mod scene;
mod scopes;
mod selectable;
mod split;
mod start;
mod stop;
mod ways;
mod webapp;

use examples::webapp::api::WebApp;
use kube::CustomResourceExt;
use tests::fleet::Fleet;
use tests::kinds::{Beacon, Book, Globe, Letter, Realm, Shelf};
use tests::{Palette, Place, install};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

/// A namespace in the shared control plane, which knows all our kinds from the beginning: the garbage collector looks
/// for new ones twice a minute only.
async fn place(name: &str) -> Place {
    static INSTALLED: OnceCell<()> = OnceCell::const_new();
    let place = Place::shared(name).await;
    let install_all = async || {
        let ours = [
            WebApp::crd(),
            Shelf::crd(),
            Book::crd(),
            Globe::crd(),
            Letter::crd(),
            Realm::crd(),
            Beacon::crd(),
            Palette::crd(),
            Fleet::crd(),
        ];
        for crd in ours {
            install(&place.client, crd).await;
        }
    };
    INSTALLED.get_or_init(install_all).await;
    place
}

/// Realms belong to no namespace, and every operator of them sees all: one test at a time works with them, and leaves none.
async fn alone_with_realms() -> MutexGuard<'static, ()> {
    static REALMS: Mutex<()> = Mutex::const_new(());
    REALMS.lock().await
}
