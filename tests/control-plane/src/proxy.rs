//! A network between a client and its API server that a test can cut.

use kube::{Client, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A network between a client and its API server that a test can cut: it passes connections on, byte by byte, while it is open. Open at
/// first; it ends when it is dropped. For single requests there is the [`Gateway`](crate::Gateway).
///
/// ```no_run
/// # use steersman_control_plane::{ControlPlane, Proxy, User};
/// # async fn test(cluster: &ControlPlane) {
/// let (network, client) = Proxy::before(cluster.config_for(User::Admin, Some("operator/1.0"))).await;
/// // .. an operator with this client ..
/// network.cut();
/// // .. what happens meanwhile, it does not see ..
/// network.mend();
/// # }
/// ```
#[derive(Debug)]
pub struct Proxy {
    state: watch::Sender<State>,
    accepting: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Cut,
    /// Each connection breaks, or hangs, as soon as the server's side has sent so many bytes.
    CutAt(u64),
    HeldAt(u64),
}

impl Proxy {
    /// A proxy in front of the API server of `config`, and a client that goes through it.
    ///
    /// # Panics
    /// If no port can be opened.
    pub async fn before(mut config: Config) -> (Self, Client) {
        let server = config.cluster_url.authority().expect("a URL with an address").to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = watch::Sender::new(State::Open);
        let states = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), states.subscribe()));
            }
        });
        config.cluster_url = format!("https://{address}").parse().expect("an address makes a URL");
        let client = Client::try_from(config).expect("the configuration makes a client");
        (Self { state, accepting }, client)
    }

    /// Breaks all connections, and each new one at once.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Breaks each connection as soon as more than so many bytes have come from the server.
    pub fn cut_after(&self, bytes: u64) {
        self.state.send_replace(State::CutAt(bytes));
    }

    /// Lets each connection hang as soon as more than so many bytes have come from the server.
    pub fn hold_after(&self, bytes: u64) {
        self.state.send_replace(State::HeldAt(bytes));
    }

    /// Lets everything through again: what hangs goes on, what is broken can be made anew.
    pub fn mend(&self) {
        self.state.send_replace(State::Open);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(client: TcpStream, server: String, mut state: watch::Receiver<State>) {
    if *state.borrow() == State::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let states = state.clone();
    tokio::select! {
        () = requests(from_client, to_server) => {}
        () = answers(from_server, to_client, states) => {}
        _ = state.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) {
    let mut bytes = vec![0; 4 * 1024];
    let mut sent = 0;
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        sent += read as u64;
        if matches!(*state.borrow(), State::CutAt(limit) if sent > limit) {
            return;
        }
        let held = |state: &State| matches!(*state, State::HeldAt(limit) if sent > limit);
        if state.wait_for(|state| !held(state)).await.is_err() || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
