//! The inputs of `tests/expand` with trees left out, doubled, swapped, replaced, and taken from other inputs.

use std::path::Path;
use std::{env, fs};

use fastrand::Rng;

use super::tree::{self, Tree};
use super::values::{self, DELIMITERS};

/// More attributes make a case slow and do not make it stranger.
const MOST_ATTRIBUTES: usize = 4;

/// What is mutated.
pub(super) struct Corpus(Vec<Vec<Tree>>);

impl Corpus {
    pub(super) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        // The order of a folder is not the same everywhere.
        paths.sort();
        let inputs = paths.iter().filter(|path| !path.to_string_lossy().contains(".expanded."));
        Self(inputs.map(|path| tree::read(&fs::read_to_string(path).unwrap()).unwrap()).collect())
    }

    /// One input, mostly with one or two changes.
    pub(super) fn mutant(&self, rng: &mut Rng) -> String {
        if rng.u8(..) < 12 {
            return tree::write(&arbitrary(rng, 3));
        }
        let mut trees = thinned(rng.choice(&self.0).unwrap().clone(), rng);
        let mut changes = 1;
        while changes < 8 && rng.u8(..) < 100 {
            changes += 1;
        }
        for _ in 0..changes {
            self.change(&mut trees, rng);
        }
        tree::write(&trees)
    }

    fn change(&self, trees: &mut Vec<Tree>, rng: &mut Rng) {
        let count = tree::count(trees);
        if count == 0 {
            return;
        }
        // Most of what is wrong is wrong in attributes, and most of an input is attributes.
        let place = rng.usize(..count);
        let other = self.0.choose(rng);
        tree::at(trees, place, &mut |siblings, i| match rng.u8(..8) {
            0 | 1 => drop(siblings.remove(i)),
            2 => siblings.insert(i, siblings[i].clone()),
            3 => {
                let other = rng.usize(..siblings.len());
                siblings.swap(i, other);
            }
            4 => drop(siblings.splice(i..=i, arbitrary(rng, 2))),
            5 => drop(siblings.splice(i..i, arbitrary(rng, 2))),
            6 => wrap(siblings, i, rng),
            _ => {
                let taken = taken(other, rng);
                let end = if rng.bool() { i } else { i + 1 };
                siblings.splice(i..end, taken);
            }
        });
    }
}

trait Choose {
    fn choose(&self, rng: &mut Rng) -> &[Tree];
}

impl Choose for Vec<Vec<Tree>> {
    fn choose(&self, rng: &mut Rng) -> &[Tree] {
        rng.choice(self).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Without some of its attributes if they are many.
fn thinned(trees: Vec<Tree>, rng: &mut Rng) -> Vec<Tree> {
    let is_attribute = |pair: &[Tree]| matches!(pair, [Tree::Token(sign), Tree::Group(['[', _], _)] if sign == "#");
    let attributes = trees.chunks(2).take_while(|pair| is_attribute(pair)).count();
    let mut left = attributes;
    let mut kept = Vec::new();
    for (i, pair) in trees.chunks(2).enumerate() {
        let stays = i >= attributes || rng.usize(..attributes) < MOST_ATTRIBUTES;
        left -= usize::from(i < attributes && !stays);
        if stays || left == 0 {
            kept.extend_from_slice(pair);
        }
    }
    kept
}

/// Puts delimiters around some trees.
fn wrap(siblings: &mut Vec<Tree>, i: usize, rng: &mut Rng) {
    let end = rng.usize(i..siblings.len()) + 1;
    let inner: Vec<Tree> = siblings.drain(i..end).collect();
    if rng.bool() {
        let marker = Tree::Token(tree::INVISIBLE.to_owned());
        siblings.splice(i..i, [marker, Tree::Group(['(', ')'], inner)]);
    } else {
        siblings.insert(i, Tree::Group(*rng.choice(&DELIMITERS).unwrap(), inner));
    }
}

/// Some neighbours out of another input.
fn taken(other: &[Tree], rng: &mut Rng) -> Vec<Tree> {
    let mut other = other.to_vec();
    let place = rng.usize(..tree::count(&other));
    let mut taken = Vec::new();
    tree::at(&mut other, place, &mut |siblings, i| {
        let end = rng.usize(i..siblings.len().min(i + 6)) + 1;
        taken.extend_from_slice(&siblings[i..end]);
    });
    taken
}

/// A few trees that mean nothing.
fn arbitrary(rng: &mut Rng, depth: usize) -> Vec<Tree> {
    let mut trees = Vec::new();
    for _ in 0..=rng.usize(..4) {
        if depth > 0 && rng.u8(..4) == 0 {
            if rng.u8(..4) == 0 {
                trees.push(Tree::Token(tree::INVISIBLE.to_owned()));
            }
            trees.push(Tree::Group(*rng.choice(&DELIMITERS).unwrap(), arbitrary(rng, depth - 1)));
        } else {
            trees.push(Tree::Token(values::token(rng)));
        }
    }
    trees
}
