//! The rights that the declarations ask for: exactly what the watches, the handles, the status, the finalizers and the events of
//! an operator need, to be granted before it runs, and reviewed when it starts.
//!
//! Generated beside an operator: `WebApp::rules()`. See [`Rules`].

mod grant;
mod needs;
mod review;
mod right;
mod rules;
mod text;

pub use grant::{Grant, Subject};
pub use right::Right;
pub use rules::Rules;

pub(crate) use needs::{is_fetched, to_watch};
pub(crate) use review::review;
pub(crate) use text::{line, list, quoted, remedy};
