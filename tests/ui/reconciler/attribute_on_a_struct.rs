//! It stands on the implementation.

#[steersman::reconciler]
struct Controller;

fn main() {}
