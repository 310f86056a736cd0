//! The book: how to write, run and understand an operator.
//!
//! | page | answers |
//! |---|---|
//! | [`start`] | how do I write one? |
//! | [`watches`] | what belongs to a primary, and how do I say so? |
//! | [`predicates`] | which changes matter? |
//! | [`waking`] | what wakes my operator, and why? |
//! | [`writes`] | what does an apply do, and what do own writes cost? |
//! | [`deletion`] | what happens when a primary goes, and when do I need a finalizer? |
//! | [`deployment`] | which rights does it need, how is it installed, how many replicas? |
//! | [`testing`] | how do I test it, with and without a cluster? |
//! | [`operating`] | what can be seen, and what is worth an alert? |
//! | [`performance`] | what costs something? |
//! | [`from_kube_rs`], [`from_controller_runtime`], [`from_josdk`] | how is what I know called here? |
//! | [`limits`] | what does it not do? |
//! | [`inside`] | how does it work? |
//!
//! Every snippet compiles. Contracts that hold for one type or function alone stand there.

/// A page; its first paragraph is its summary. The links are looked for in the page itself, because its documentation begins inside.
macro_rules! page {
    ($name:ident, $file:literal) => {
        pub mod $name {
            #![doc = include_str!(concat!("../docs/guide/", $file))]

            #[allow(unused_imports)]
            use crate::*;
        }
    };
}

page!(start, "start.md");
page!(watches, "watches.md");
page!(predicates, "predicates.md");
page!(waking, "waking.md");
page!(writes, "writes.md");
page!(deletion, "deletion.md");
page!(deployment, "deployment.md");
page!(testing, "testing.md");
page!(operating, "operating.md");
page!(performance, "performance.md");
page!(from_kube_rs, "from_kube_rs.md");
page!(from_controller_runtime, "from_controller_runtime.md");
page!(from_josdk, "from_josdk.md");
page!(limits, "limits.md");
page!(inside, "inside.md");
