//! Said by the compiler, at the name.


#[derive(steersman::Operator)]
#[operator(primary = "Gatway")]

struct Audit;

fn main() {}
