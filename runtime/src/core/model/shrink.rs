//! Makes a history that goes wrong shorter and poorer, as long as the same goes wrong.

use std::fmt;

use super::chance::{Chance, Chances};
use super::play;
use super::property::{Property, Wrong};

/// The smallest history found, and how to replay it.
#[derive(Debug)]
pub(super) struct Shrunk {
    seed: u64,
    steps: u64,
    without: Chances,
    wrong: Wrong,
}

/// Shrinks the history of this seed and length, which goes wrong as `wrong` says: first by leaving out what need not happen,
/// then to the least number of steps, from which it has to come to rest.
pub(super) fn shrink(seed: u64, steps: u64, wrong: Wrong) -> Shrunk {
    let mut shrunk = Shrunk { seed, steps, without: Chances::default(), wrong };
    for _ in 0..2 {
        for chance in Chance::ALL {
            let without = shrunk.without.with(chance);
            if let Some(wrong) = still(seed, shrunk.steps, without, shrunk.wrong.property) {
                (shrunk.without, shrunk.wrong) = (without, wrong);
            }
        }
        let shorter = |steps| Some((steps, still(seed, steps, shrunk.without, shrunk.wrong.property)?));
        if let Some((steps, wrong)) = (0..shrunk.steps).find_map(shorter) {
            (shrunk.steps, shrunk.wrong) = (steps, wrong);
        }
    }
    shrunk
}

fn still(seed: u64, steps: u64, without: Chances, property: Property) -> Option<Wrong> {
    let (_, checked) = play(seed, steps, without, false);
    checked.err().filter(|wrong| wrong.property == property)
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, steps, without, wrong } = self;
        writeln!(f, "{wrong}")?;
        write!(f, "replay with STEERSMAN_MODEL_SEED={seed} STEERSMAN_MODEL_STEPS={steps}")?;
        write!(f, " STEERSMAN_MODEL_WITHOUT={without}")
    }
}
