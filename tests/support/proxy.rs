//! A network between an operator and its API server that a test can cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kube::{Client, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes connections on, byte by byte, while it is not cut.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    /// How many bytes the server's side may still send before each connection breaks.
    budget: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Cut,
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
        let budget = Arc::new(AtomicU64::new(u64::MAX));
        let (watching, left) = (state.clone(), budget.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), watching.subscribe(), left.clone()));
            }
        });
        config.cluster_url = format!("https://{address}").parse().expect("an address makes a URL");
        let client = Client::try_from(config).expect("the configuration makes a client");
        (Self { address, state, budget, accepting }, client)
    }

    /// Breaks all connections, and each new one at once.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.state.send_replace(State::Open);
    }

    /// Breaks the connections after so many more bytes from the server. `None`: no more.
    pub fn cut_after(&self, bytes: Option<u64>) {
        self.budget.store(bytes.unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(client: TcpStream, server: String, mut state: watch::Receiver<State>, budget: Arc<AtomicU64>) {
    if *state.borrow() == State::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = pump(from_client, to_server, None) => {}
        () = pump(from_server, to_client, Some(budget)) => {}
        _ = state.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    budget: Option<Arc<AtomicU64>>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if let Some(budget) = &budget {
            let left = budget.load(Ordering::SeqCst);
            if left < read as u64 {
                return;
            }
            if left != u64::MAX {
                budget.fetch_sub(read as u64, Ordering::SeqCst);
            }
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
