//! Neither `#[kube(..)]` nor `primary`.

#[derive(steersman::Operator)]
#[operator(resync = "30m")]
struct WebAppSpec {}

fn main() {}
