//! The flagship again, in plain kube-rs, as its documentation teaches it: `Controller` with `owns` for each kind, the `finalizer`
//! helper, server-side apply of everything in every reconcile, and a requeue for what may have been missed.
//!
//! It is here to keep comparisons honest, and uses nothing of steersman. Its API type and its objects are those of
//! [`webapp`](crate::webapp). What it does without, and what that costs, is told in its README.

pub mod api;
pub mod bench;
pub mod controller;
pub mod desired;
mod wide;
