//! Makes a failing input small, so that a human sees what is wrong with it.

use super::check::{Outcome, check};
use super::tree::{self, Tree};

/// More would take longer than reading what is left.
const MOST_TRIES: usize = 5_000;

/// The input with everything left out that the fault does not need, and the fault as it is then.
pub(super) fn shrink(text: &str, fault: &str) -> (String, String) {
    let mut fault = fault.to_owned();
    let Some(mut best) = tree::read(text) else { return (text.to_owned(), fault) };
    let mut tries = 0;
    let mut again = true;
    while again {
        again = false;
        let mut n = 0;
        while n < tree::count(&best) && tries < MOST_TRIES {
            let smaller = smaller(&best, n).into_iter().find_map(|trees| {
                tries += 1;
                match check(&tree::write(&trees), true) {
                    Outcome::Fault(why) if kind(&why) == kind(&fault) => Some((trees, why)),
                    _ => None,
                }
            });
            match smaller {
                Some((trees, why)) => {
                    (best, fault, again) = (trees, why, true);
                }
                None => n += 1,
            }
        }
    }
    // Unless the way in which it is written out here has hidden the fault.
    let small = tree::write(&best);
    if matches!(check(&small, true), Outcome::Fault(_)) { (small, fault) } else { (text.to_owned(), fault) }
}

/// The first words: the same fault, though it may stand elsewhere.
fn kind(fault: &str) -> &str {
    fault.split_once(':').map_or(fault, |(kind, _)| kind)
}

/// Without the tree at place `n`, and with its inner trees in its place.
fn smaller(trees: &[Tree], n: usize) -> Vec<Vec<Tree>> {
    let mut without = trees.to_vec();
    tree::at(&mut without, n, &mut |siblings, i| drop(siblings.remove(i)));
    let mut opened = trees.to_vec();
    let mut is_group = false;
    tree::at(&mut opened, n, &mut |siblings, i| {
        if let Tree::Group(_, inner) = siblings[i].clone() {
            siblings.splice(i..=i, inner);
            is_group = true;
        }
    });
    if is_group { vec![without, opened] } else { vec![without] }
}
