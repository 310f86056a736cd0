//! The struct stands before what it names.

use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Gateway")]
struct Gateway;

fn main() {}
