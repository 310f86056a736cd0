//! The operator's port: probes, metrics and debug views.

mod debug;
mod guard;
mod probes;

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::registry::Registry;

use crate::error::Error;
use crate::inspect::Views;

/// The media type of OpenMetrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Who gets the debug views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum DebugViews {
    /// Clients on the same machine, or in the same Pod: by a loopback address, and under a name that means one. `kubectl
    /// port-forward` is such a client; so is, in the eyes of the operator, everybody behind a proxy that runs as a sidecar.
    #[default]
    Local,
    /// Everybody who reaches the port. The views name objects, and show all of them but the values of Secrets.
    Everyone,
    /// Nobody.
    Off,
}

/// The port of a [`Manager`](crate::Manager) (feature `server`).
///
/// | path | answers |
/// |---|---|
/// | `/livez` | 200 if a restart would not help: the engine turns, and all watches are at work. An API server that cannot be reached, a missing right and a failing reconciler are no reason to restart. |
/// | `/readyz` | 200 if the caches of all operators were complete once, and the manager does not stop. A standby replica is ready. |
/// | `/metrics` | [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/); see the [list](#metrics) |
/// | `/debug/` | what else there is |
///
/// Both probes list what they have looked at if they fail, and with `?verbose` always, as the API server's do.
///
/// The debug views are text in columns, or JSON with `?format=json` or `Accept: application/json`. Long lists are cut at 100 lines;
/// `?limit=` says otherwise, up to 1000, and `?namespace=` what is wanted. They answer clients on the same machine alone, unless
/// [`Server::debug`] says otherwise; everything else answers everybody. The values of Secrets are shown nowhere. What the views show may
/// change from release to release; the metrics are an interface.
///
/// ```no_run
/// # async fn main_() -> Result<(), steersman::Error> {
/// use steersman::{Manager, Server};
///
/// let server = Server::bind(([0, 0, 0, 0], 8080))?;
/// Manager::try_default().await?.server(server).run().await
/// # }
/// ```
#[doc = include_str!("../../docs/metrics.md")]
#[derive(Debug)]
#[must_use = "a port answers once it is given to a `Manager`"]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    debug: DebugViews,
    registry: Option<Registry>,
}

impl Server {
    /// Opens the port. Who connects before the manager runs waits for it.
    ///
    /// # Errors
    /// [`Error::Port`] if it is taken, or may not be opened.
    pub fn bind(address: impl Into<SocketAddr>) -> Result<Self, Error> {
        let address = address.into();
        let open = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = open().map_err(|source| Error::Port { address, source })?;
        Ok(Self { listener, address, debug: DebugViews::default(), registry: None })
    }

    /// Where it listens: with the port that the system has chosen, if that was left to it by the port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who gets the debug views; by default [`DebugViews::Local`].
    pub fn debug(self, views: DebugViews) -> Self {
        Self { debug: views, ..self }
    }

    /// Metrics of your own, which `/metrics` shows behind those of the operators.
    pub fn registry(self, registry: Registry) -> Self {
        Self { registry: Some(registry), ..self }
    }

    /// Answers until it is dropped.
    pub(crate) async fn serve(self, views: Views) {
        let Self { listener, address, debug, registry } = self;
        let views = Arc::new(views);
        let mut own = Registry::default();
        own.register_collector(Box::new(views.clone()));
        let port = Port(Arc::new(Served { views, registries: std::iter::once(own).chain(registry).collect() }));
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!(%address, %error, "the port cannot be served"),
        };
        tracing::info!(%address, "probes, metrics and debug views are served");
        let service = router(port, debug).into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service).await {
            tracing::error!(%address, %error, "the port is served no longer");
        }
    }
}

/// What all handlers share.
#[derive(Clone, Debug)]
struct Port(Arc<Served>);

struct Served {
    views: Arc<Views>,
    registries: Vec<Registry>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

fn router(port: Port, views: DebugViews) -> Router {
    let debug = debug::router().layer(axum::middleware::from_fn_with_state(views, guard::guard));
    Router::new()
        .route("/livez", get(probes::livez))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(metrics))
        .merge(debug)
        .with_state(port)
}

async fn metrics(State(Port(port)): State<Port>) -> Response {
    let mut text = String::new();
    let encoded = port.registries.iter().try_for_each(|registry| encode_registry(&mut text, registry));
    match encoded.and_then(|()| encode_eof(&mut text)) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n").into_response(),
    }
}
