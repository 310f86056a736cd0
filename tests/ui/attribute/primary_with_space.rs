//! The primary is a path.


#[derive(steersman::Operator)]
#[operator(primary = "not a path")]

struct Audit;

fn main() {}
