//! The primary is a path.


#[derive(steersman::Operator)]
#[operator(primary = 5)]

struct Audit;

fn main() {}
