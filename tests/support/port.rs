//! Requests to an operator's port.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a port has answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// All headers, as they came.
    pub headers: String,
    /// The text.
    pub body: String,
}

impl Answer {
    /// The text as JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Asks for a path, as a client on the same machine does.
///
/// # Panics
/// If nobody answers.
pub async fn get(address: SocketAddr, path: &str) -> Answer {
    get_as(address, path, "localhost", "*/*").await
}

/// The same, under this name of the host, and with these media types accepted.
///
/// # Panics
/// If nobody answers.
pub async fn get_as(address: SocketAddr, path: &str, host: &str, accept: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    stream.write_all(request.as_bytes()).await.expect("the request is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, headers: head.to_ascii_lowercase(), body: body.to_owned() }
}
