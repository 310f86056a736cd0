//! What keeps a control plane from starting is said clearly.
#![forbid(unsafe_code)]

use std::{net::TcpListener, path::PathBuf};

use steersman_control_plane::{Builder, ControlPlane, Error, Part};

fn builder() -> Builder {
    ControlPlane::builder().api_server_only()
}

/// A Go command that is not one: see `tests/go`.
fn fake_go(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "go", name, "go"].iter().collect()
}

async fn failure(builder: Builder) -> (Error, String) {
    let error = builder.start().await.expect_err("it must not start");
    let text = error.to_string();
    (error, text)
}

#[tokio::test]
async fn a_part_that_dies_is_named_with_its_last_words() {
    let (error, text) = failure(builder().arg(Part::ApiServer, "--no-such-flag")).await;
    assert!(matches!(error, Error::Died { part: Part::ApiServer, .. }), "{text}");
    for expected in ["kube-apiserver", "exit status: 1", "unknown flag: --no-such-flag"] {
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn an_occupied_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let occupied = listener.local_addr().expect("it has an address").port();
    let (error, text) = failure(builder().port(occupied)).await;
    assert!(matches!(error, Error::PortOccupied { part: Part::ApiServer, port } if port == occupied), "{text}");
    assert!(text.contains("choose another port"), "{text}");
}

/// As if it had been taken between our look and the part's own; new ports do not help here, as the argument stays.
#[tokio::test]
async fn a_port_that_a_part_finds_occupied_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let arguments = [
        (Part::Etcd, format!("--listen-client-urls=http://{address}")),
        (Part::ApiServer, format!("--secure-port={}", address.port())),
    ];
    for (part, argument) in arguments {
        let (error, text) = failure(builder().arg(part, argument)).await;
        assert!(matches!(error, Error::PortOccupied { part: named, .. } if named == part), "{text}");
    }
}

#[tokio::test]
async fn a_part_that_is_left_out_cannot_be_started() -> Result<(), Error> {
    let cluster = builder().start().await?;
    assert!(matches!(cluster.start_part(Part::Kwok).await, Err(Error::NotIncluded { part: Part::Kwok })));
    Ok(())
}

#[tokio::test]
async fn a_missing_go_is_told_with_what_to_install() {
    let (error, text) = failure(builder().go("no-such-go")).await;
    assert!(matches!(error, Error::GoMissing { .. }), "{text}");
    assert!(text.contains("no-such-go") && text.contains("install Go 1.26"), "{text}");
}

#[tokio::test]
async fn an_old_go_is_told_with_what_to_install() {
    let (error, text) = failure(builder().go(fake_go("old"))).await;
    assert!(matches!(error, Error::GoTooOld { .. }), "{text}");
    assert!(text.contains("go1.25.3") && text.contains("Go 1.26 or later"), "{text}");
}

#[tokio::test]
async fn a_failed_build_is_told_with_what_go_said() {
    let (error, text) = failure(builder().go(fake_go("broken"))).await;
    assert!(matches!(error, Error::Build { .. }), "{text}");
    assert!(text.contains("exit status: 3") && text.contains("no route to host"), "{text}");
}

#[tokio::test]
async fn missing_assets_are_named() {
    let (error, text) = failure(builder().assets("/no/such/folder")).await;
    assert!(matches!(error, Error::AssetMissing { .. }), "{text}");
    assert!(text.contains("/no/such/folder/etcd") && text.contains("KUBEBUILDER_ASSETS"), "{text}");
}
