//! The code that the derive writes compiles in every place where it may stand, without a warning, and says what the
//! attributes say.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, clippy::pedantic)]
#![forbid(unsafe_code)]

extern crate steersman as renamed_steersman;

mod errors;
pub mod flagship;
mod places;
mod predicates;
pub mod primaries;
pub mod relations;
mod renamed;

/// What the attributes have become, as text.
fn declaration<O: steersman::Operator>(_: steersman::OperatorBuilder<O>) -> String {
    format!("{:#?}", O::declaration())
}
