//! Who gets the debug views.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::DebugViews;

/// Lets only those pass who may see the debug views.
pub(super) async fn guard(
    State(views): State<DebugViews>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let allowed = match views {
        DebugViews::Everyone => true,
        DebugViews::Local => client.ip().to_canonical().is_loopback() && host.is_none_or(is_local),
        DebugViews::Off => false,
    };
    if allowed {
        return next.run(request).await;
    }
    let text = match views {
        DebugViews::Off => "the debug views are turned off\n",
        _ => {
            "the debug views answer clients on the same machine alone, as `localhost`; use `kubectl port-forward`, or allow others \
             with `Server::debug(DebugViews::Everyone)`\n"
        }
    };
    (StatusCode::FORBIDDEN, text).into_response()
}

/// Whether this is a name of this machine. A web page that somebody looks at here may send requests from here, too, but under a
/// name of its own.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for host in [
            "localhost",
            "localhost:8080",
            "LOCALHOST:1",
            "127.0.0.1:8080",
            "127.0.0.9",
            "[::1]:80",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in ["example.com", "localhost.example.com:80", "10.0.0.1:8080", "[2001:db8::1]:80", ""] {
            assert!(!is_local(host), "{host}");
        }
    }
}
