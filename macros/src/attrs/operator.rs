//! `#[operator(..)]`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Expr, LitStr, Path};

use super::function::Role;
use super::item::{self, Item};
use super::predicate;
use crate::duration;
use crate::finalizer;
use crate::model::Predicate;
use crate::problems::Problems;
use crate::selector::Requirement;
use crate::words::{OPERATOR, PREDICATE};

/// The items of all `#[operator(..)]` of one struct, each right in itself.
#[derive(Debug, Default)]
pub(crate) struct OperatorAttr {
    pub(crate) finalizer: Option<LitStr>,
    pub(crate) former_finalizers: Option<Vec<LitStr>>,
    pub(crate) resync: Option<Resync>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) predicate: Option<Predicate>,
    pub(crate) selector: Option<Vec<Requirement>>,
    pub(crate) filter: Option<Expr>,
    pub(crate) primary: Option<PrimaryAttr>,
    pub(crate) exported: Option<Span>,
    pub(crate) krate: Option<Path>,
}

/// `resync = ".."`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resync {
    Off,
    Every(Duration),
}

/// `primary = ".."`; the path is missing if it could not be read.
#[derive(Debug)]
pub(crate) struct PrimaryAttr {
    pub(crate) key: syn::Ident,
    pub(crate) path: Option<Path>,
}

impl OperatorAttr {
    /// Adds the items of one attribute.
    pub(crate) fn read(&mut self, attr: &Attribute, problems: &mut Problems) {
        let example = "#[operator(finalizer = \"demo.example.com/cleanup\", resync = \"30m\")]";
        let Some(tokens) = item::arguments(attr, example, problems) else { return };
        for item in item::items(tokens, &OPERATOR, problems) {
            match item.key.to_string().as_str() {
                "finalizer" => item.store(&mut self.finalizer, finalizer(&item, problems), problems),
                "former_finalizers" => {
                    item.store(&mut self.former_finalizers, former_finalizers(&item, problems), problems);
                }
                "resync" => item.store(&mut self.resync, resync(&item, problems), problems),
                "timeout" => item.store(&mut self.timeout, timeout(&item, problems), problems),
                "predicate" => item.store(&mut self.predicate, predicate::read(&item, problems), problems),
                "selector" => item.store(&mut self.selector, item::selector(&item, problems), problems),
                "filter" => item.store(&mut self.filter, filter(&item, problems), problems),
                "exported" => item.store(&mut self.exported, item.word(problems), problems),
                "primary" => item.store(&mut self.primary, primary(&item, problems), problems),
                _ => item.store(&mut self.krate, krate(&item, problems), problems),
            }
        }
    }
}

/// A wrong one is kept: that there is one decides whether `cleanup` exists.
fn finalizer(item: &Item, problems: &mut Problems) -> Option<LitStr> {
    let literal = item.string("finalizer = \"demo.example.com/cleanup\"", problems)?;
    if let Err(message) = finalizer::check(&literal.value()) {
        problems.at(&literal, message);
    }
    Some(literal)
}

fn former_finalizers(item: &Item, problems: &mut Problems) -> Option<Vec<LitStr>> {
    let literals = item.strings("former_finalizers = [\"old.example.com/cleanup\"]", problems)?;
    for literal in &literals {
        if let Err(message) = finalizer::check_former(&literal.value()) {
            problems.at(literal, message);
        }
    }
    Some(literals)
}

fn resync(item: &Item, problems: &mut Problems) -> Option<Resync> {
    let literal = item.duration("s", "resync = \"30m\"", problems)?;
    if literal.value() == "off" {
        return Some(Resync::Off);
    }
    match duration::parse(&literal.value()) {
        Ok(period) => Some(Resync::Every(period)),
        Err(message) => {
            problems.at(&literal, message + ", or \"off\" for none");
            None
        }
    }
}

fn timeout(item: &Item, problems: &mut Problems) -> Option<Duration> {
    let literal = item.duration("s", "timeout = \"5m\"", problems)?;
    if literal.value() == "off" {
        problems.at(&literal, "a run always has a timeout; write a long one, such as \"1h\"");
        return None;
    }
    duration::parse(&literal.value()).map_err(|message| problems.at(&literal, message)).ok()
}

const FILTER: Role = Role {
    word: "filter",
    what: "a `filter`",
    wants: "a function by its path, or a closure",
    gives: "the object",
    closure: "|object| ..",
    example: "filter = |object| ..",
    with_two: Some(
        "there is no old object: a `filter` says of each object whether it is a primary; what of it is compared is \
         `predicate = changed(|object| ..)`",
    ),
};

fn filter(item: &Item, problems: &mut Problems) -> Option<Expr> {
    let tokens = item.tokens("filter = |object| ..", problems)?;
    let Ok(expr) = syn::parse2::<Expr>(tokens.clone()) else {
        FILTER.refuse(tokens, problems);
        return None;
    };
    // What other frameworks call so are predicates.
    let word = |tokens: &TokenStream| tokens.to_string().split(|c| !is_word(c)).find_map(|word| PREDICATE.meant(word));
    match expr {
        Expr::Closure(_) => FILTER.read(expr, problems),
        Expr::Lit(_) => {
            problems.at(
                tokens,
                "`filter` wants a function by its path, or a closure; which labels a primary has to have is \
                 `selector = \"app = web\"`",
            );
            None
        }
        expr => match word(tokens) {
            Some(word) => {
                problems.at(
                    tokens,
                    format!("a `filter` says which objects are primaries, and `{word}` which changes matter; write `predicate = {word}`"),
                );
                None
            }
            None => FILTER.read(expr, problems),
        },
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// As a string, like the names in `#[kube(..)]`, or as a path.
fn primary(item: &Item, problems: &mut Problems) -> Option<PrimaryAttr> {
    let key = item.key.clone();
    let tokens = item.tokens("primary = \"Gateway\"", problems)?;
    let path = match item::literal(tokens) {
        Some(literal) => literal.parse::<Path>().ok(),
        None => item::path(tokens),
    };
    if path.is_none() {
        problems.at(tokens, "`primary` wants the path of a type; write `primary = \"Gateway\"`");
    }
    Some(PrimaryAttr { key, path })
}

/// Only paths that mean the same in every module.
fn krate(item: &Item, problems: &mut Problems) -> Option<Path> {
    let path = item.path("crate = ::steersman", problems)?;
    let absolute = path.leading_colon.is_some() || path.segments.first().is_some_and(|s| s.ident == "crate");
    if absolute {
        return Some(path);
    }
    let text = quote::quote!(#path).to_string().replace(' ', "");
    problems.at(&path, format!("`crate = {text}` depends on where it stands; write `crate = ::{text}`"));
    None
}
