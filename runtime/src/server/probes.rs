//! `/livez` and `/readyz`.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::Port;
use crate::inspect::Check;

/// What a probe may be asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    verbose: Option<String>,
}

pub(super) async fn livez(State(Port(port)): State<Port>, Query(asked): Query<Asked>) -> (StatusCode, String) {
    answer("livez", &port.views.liveness().await, asked.verbose.is_some())
}

pub(super) async fn readyz(State(Port(port)): State<Port>, Query(asked): Query<Asked>) -> (StatusCode, String) {
    answer("readyz", &port.views.readiness(), asked.verbose.is_some())
}

/// In the form of the API server's own probes.
fn answer(probe: &str, checks: &[Check], verbose: bool) -> (StatusCode, String) {
    let good = checks.iter().all(|check| check.failed.is_none());
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if good && !verbose {
        return (status, "ok\n".to_owned());
    }
    let line = |Check { name, failed }: &Check| match failed {
        None => format!("[+]{name} ok\n"),
        Some(reason) => format!("[-]{name} failed: {reason}\n"),
    };
    let lines: String = checks.iter().map(line).collect();
    (status, format!("{lines}{probe} check {}\n", if good { "passed" } else { "failed" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_lists_what_it_has_looked_at() {
        let check = |name: &str, failed: Option<&str>| Check { name: name.into(), failed: failed.map(str::to_owned) };
        let good = [check("engine", None), check("watch/pods", None)];
        assert_eq!(answer("livez", &good, false), (StatusCode::OK, "ok\n".into()));
        let text = "[+]engine ok\n[+]watch/pods ok\nlivez check passed\n";
        assert_eq!(answer("livez", &good, true), (StatusCode::OK, text.into()));
        let text = "[+]engine ok\n[-]operator/A failed: no\nreadyz check failed\n";
        let bad = [check("engine", None), check("operator/A", Some("no"))];
        assert_eq!(answer("readyz", &bad, false), (StatusCode::SERVICE_UNAVAILABLE, text.into()));
    }
}
