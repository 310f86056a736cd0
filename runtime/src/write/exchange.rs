//! One request and the text of its answer.

use http::header::RETRY_AFTER;
use http::response::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::core::Status;
use kube::core::response::StatusDetails;
use serde_json::Value;

use crate::api::Api;
use crate::kind::KindInfo;
use crate::secret::{hide_in_status, hide_in_text};

/// The most bytes that an answer may have. The API server takes no object of more than 3 MiB.
const LARGEST: usize = 8 << 20;
/// The most characters that are shown of an answer that is none of the API server's.
const SHOWN: usize = 300;

/// Sends a request and reads the answer's body, of a refusal too, which may come without end. A refusal that repeats values of
/// `sent`, an object of this kind, comes without those that must not be shown.
pub(super) async fn exchange(
    api: &Api,
    request: Request<Vec<u8>>,
    kind: &KindInfo,
    sent: &Value,
) -> Result<String, kube::Error> {
    let (head, body) = api.send(request.map(Into::into)).await?.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(|error| match error.downcast::<kube::Error>() {
        Ok(error) => *error,
        Err(error) => kube::Error::Service(error),
    })?;
    let body = body.to_bytes();
    if is_refusal(head.status) {
        return Err(kube::Error::Api(refusal(&head, &body, kind, sent).boxed()));
    }
    String::from_utf8(body.into()).map_err(kube::Error::FromUtf8)
}

fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// What the API server says of a request that it does not carry out. Something on the way to it may have answered instead,
/// in whatever form.
fn refusal(head: &Parts, body: &[u8], kind: &KindInfo, sent: &Value) -> Status {
    let said = serde_json::from_slice::<Status>(body).ok().filter(|status| status.code != 0);
    let mut status = said.unwrap_or_else(|| {
        let text = hide_in_text(kind, sent, &String::from_utf8_lossy(body));
        let text: String = text.trim().chars().take(SHOWN).collect();
        let text = if text.is_empty() { head.status.to_string() } else { format!("{}: {text}", head.status) };
        Status::failure(&text, "").with_code(head.status.as_u16())
    });
    hide_in_status(kind, sent, &mut status);
    let asked = head.headers.get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse::<u32>().ok());
    if let Some(seconds) = asked {
        let details = status.details.get_or_insert_with(|| StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes: Vec::new(),
            retry_after_seconds: 0,
        });
        details.retry_after_seconds = details.retry_after_seconds.max(seconds);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_refuses_a_request_is_understood() {
        let refusal = |code: u16, wait: Option<&str>, body: &str| {
            let answer = http::Response::builder().status(code);
            let answer = wait.into_iter().fold(answer, |answer, wait| answer.header(RETRY_AFTER, wait));
            let head = answer.body(()).unwrap().into_parts().0;
            let kind = crate::core::testing::kind("ConfigMap", true);
            let status = super::refusal(&head, body.as_bytes(), &kind, &Value::Null);
            (status.code, status.message, status.details.map(|details| details.retry_after_seconds))
        };
        let status = r#"{"kind":"Status","code":409,"message":"no","details":{"name":"x"}}"#;
        assert_eq!(refusal(409, None, status), (409, "no".into(), Some(0)));
        assert_eq!(refusal(429, Some("3"), status), (409, "no".into(), Some(3)));
        let page = format!("<html>{}", "x".repeat(2 * SHOWN));
        let (code, message, wait) = refusal(502, Some("soon"), &page);
        assert_eq!((code, wait), (502, None));
        assert!(message.starts_with("502 Bad Gateway: <html>xxx") && message.len() < 2 * SHOWN, "{message}");
        assert_eq!(refusal(503, Some("1"), ""), (503, "503 Service Unavailable".into(), Some(1)));
        assert_eq!(refusal(504, None, r#"{"error":"late"}"#).1, r#"504 Gateway Timeout: {"error":"late"}"#);
    }
}
