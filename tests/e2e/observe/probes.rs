//! The probes, and who gets what on the port.

use std::time::Duration;

use steersman::{Action, DebugViews, Error, LeaderElection, Server};
use tests::kinds::Shelf;
use tests::port::{get, get_as};
use tests::{Gate, Journal, eventually};

use super::port;
use crate::place;

#[tokio::test]
async fn an_operator_is_ready_when_its_caches_are_complete() {
    let place = place("ready").await;
    let operator = Shelf::stocker(&Journal::default()).namespace(&place.namespace);
    let (server, address) = port();
    let operating = place.operate_as_operator(|manager| manager.with(operator).server(server));
    place.log.says(&["the watch does not work", "forbidden"]).await;
    let answer = get(address, "/readyz").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        answer.body.starts_with("[+]shutdown ok\n[-]operator/Shelf failed: these caches are not complete: "),
        "{answer:?}"
    );
    assert!(answer.body.contains("(forbidden)") && answer.body.ends_with("readyz check failed\n"), "{answer:?}");
    // A restart would not help.
    let answer = get(address, "/livez?verbose").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = "[+]engine ok\n[+]watch/shelves.test.steersman.dev ok\n[+]watch/configmaps ok\nlivez check passed\n";
    assert_eq!(answer.body, expected);
    let errors = get(address, "/debug/watches").await.body;
    assert!(errors.contains("no right for") && errors.contains("forbidden"), "{errors}");

    place.allow("stocker", &["configmaps"]).await;
    eventually("it is ready", async || get(address, "/readyz").await.status == 200).await;
    assert_eq!(get(address, "/readyz").await.body, "ok\n");
    let answer = get(address, "/readyz?verbose").await;
    assert_eq!(answer.body, "[+]shutdown ok\n[+]operator/Shelf ok\nreadyz check passed\n");
    assert_eq!(get(address, "/livez").await.body, "ok\n");
    operating.stop().await;
}

#[tokio::test]
async fn a_standby_is_ready_and_says_that_it_does_not_lead() {
    let place = place("standby").await;
    let replica = || {
        let (server, address) = port();
        let election = LeaderElection::new(&place.namespace, "stocker").retry_period(Duration::from_millis(200));
        let operator = Shelf::stocker(&Journal::default()).namespace(&place.namespace);
        (place.operate(|manager| manager.with(operator).leader_election(election).server(server)), address)
    };
    let ready = async |address| {
        eventually("it is ready", async || get(address, "/readyz").await.status == 200).await;
    };
    let leads = async |address| get(address, "/metrics").await.body.contains("\nsteersman_leading 1\n");
    let (first, one) = replica();
    ready(one).await;
    eventually("the first one leads", async || leads(one).await).await;
    let (_second, other) = replica();
    ready(other).await;
    assert!(!leads(other).await && leads(one).await);
    assert_eq!(get(other, "/livez").await.status, 200);
    first.stop().await;
    eventually("the second one leads", async || leads(other).await).await;
}

#[tokio::test]
async fn an_operator_that_stops_is_alive_and_not_ready() {
    let place = place("stopping").await;
    let (journal, gate) = (Journal::default(), Gate::closed());
    let passes = gate.clone();
    let operator = Shelf::by(&journal, move |_, _, _| {
        let gate = passes.clone();
        async move {
            gate.pass().await;
            Ok(Action::await_change())
        }
    });
    let (server, address) = port();
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)).server(server));
    place.started(1).await;
    place.create(Shelf::of("a", &[])).await;
    journal.reaches("a: ", 1).await;
    assert_eq!(get(address, "/readyz").await.status, 200);
    let stopping = tokio::spawn(operating.stop());
    place.log.says(&["stopping; waiting for the runs in progress"]).await;
    let answer = get(address, "/readyz").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.body.starts_with("[-]shutdown failed: the manager stops\n"), "{answer:?}");
    assert_eq!(get(address, "/livez").await.status, 200);
    gate.release();
    stopping.await.expect("it stops");
}

#[tokio::test]
async fn debug_views_are_for_this_machine_and_the_rest_for_everybody() {
    let place = place("guard").await;
    let journal = Journal::default();
    let operator = || Shelf::stocker(&journal).namespace(&place.namespace);
    let (server, address) = port();
    let _operating = place.operate(|manager| manager.with(operator()).server(server));
    assert_eq!(get(address, "/debug/").await.status, 200);
    let refused = get_as(address, "/debug/watches", "attacker.example", "*/*").await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("DebugViews::Everyone"), "{refused:?}");
    assert_eq!(get_as(address, "/metrics", "operator.shop.svc", "*/*").await.status, 200);
    assert_eq!(get_as(address, "/livez", "10.0.0.7:8080", "*/*").await.status, 200);

    let (server, address) = port();
    let _everyone = place.operate(|manager| {
        manager.with(operator().field_manager("everyone")).server(server.debug(DebugViews::Everyone))
    });
    assert_eq!(get_as(address, "/debug/watches", "attacker.example", "*/*").await.status, 200);
    let (server, address) = port();
    let _off =
        place.operate(|manager| manager.with(operator().field_manager("off")).server(server.debug(DebugViews::Off)));
    assert_eq!(get(address, "/debug/").await.status, 403);
    assert_eq!(get(address, "/livez").await.status, 200);
}

#[test]
fn a_port_that_is_taken_is_an_error_at_once() {
    let (_server, address) = port();
    let error = Server::bind(address).expect_err("it is taken");
    assert!(matches!(error, Error::Port { address: taken, .. } if taken == address), "{error:?}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
