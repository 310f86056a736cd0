//! What an operator tells of itself: its counters, its port, its log.

mod accounts;
mod debug;
mod metrics;
mod probes;
mod secrets;

use std::net::SocketAddr;

use steersman::Server;

/// A port that the system chooses, and where it is.
fn port() -> (Server, SocketAddr) {
    let server = Server::bind(([127, 0, 0, 1], 0)).expect("there is a free port");
    let address = server.address();
    (server, address)
}
