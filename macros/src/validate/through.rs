//! `through = ..`: which secondary is meant, and that the chain ends at the primary.

use quote::ToTokens;
use syn::Ident;

use crate::attrs::SecondaryAttr;
use crate::problems::Problems;
use crate::{naming, words};

/// Kinds whose controller puts an object between: the child, what people take for its owner, and what is.
const BETWEEN: [(&str, &str, &str); 2] = [("Pod", "Deployment", "ReplicaSet"), ("Pod", "CronJob", "Job")];

/// For each attribute the place of the one that it names by `through`. The order of declaration is free.
pub(super) fn parents(
    attrs: &[SecondaryAttr],
    names: &[Option<Ident>],
    primary: Option<&str>,
    problems: &mut Problems,
) -> Vec<Option<usize>> {
    let declared = Declared { attrs, names, primary };
    let parents: Vec<_> = attrs.iter().enumerate().map(|(i, attr)| declared.parent(i, attr, problems)).collect();
    for child in 0..attrs.len() {
        declared.ends(child, &parents, problems);
        declared.nothing_between(child, &parents, problems);
    }
    parents
}

/// All that a `through` can name.
#[derive(Clone, Copy)]
struct Declared<'a> {
    attrs: &'a [SecondaryAttr],
    names: &'a [Option<Ident>],
    primary: Option<&'a str>,
}

impl Declared<'_> {
    fn parent(&self, child: usize, attr: &SecondaryAttr, problems: &mut Problems) -> Option<usize> {
        let written = attr.through()?;
        let by_name = (0..self.attrs.len()).find(|i| self.names[*i].as_ref() == Some(written));
        let by_kind: Vec<_> = (0..self.attrs.len()).filter(|i| self.attrs[*i].kind == *written).collect();
        let parent = match (by_name, &*by_kind) {
            (Some(parent), _) | (None, &[parent]) => parent,
            (None, []) => {
                problems.at(written, self.unknown(written));
                return None;
            }
            (None, several) => {
                let names: Vec<_> = several.iter().map(|i| format!("`{}`", self.name(*i))).collect();
                problems.at(
                    written,
                    format!("`{written}` is declared more than once; write a name, one of {}", names.join(", ")),
                );
                return None;
            }
        };
        if parent == child {
            let kind = &attr.kind;
            problems.at(written, format!("`{kind}` cannot be related through itself; name the secondary that owns it"));
            return None;
        }
        Some(parent)
    }

    fn unknown(&self, written: &Ident) -> String {
        let text = written.to_string();
        if self.primary == Some(&*text) {
            return format!("`{text}` is the primary, and what it owns is `owned`; remove `through`");
        }
        let names = self.names.iter().flatten().map(Ident::to_string);
        let known: Vec<_> = names.chain(self.attrs.iter().map(|attr| attr.kind.to_string())).collect();
        match words::nearest(&text, known.iter().map(String::as_str)) {
            Some(near) => format!("`{text}` is no secondary of this operator; did you mean `{near}`?"),
            None => format!("`{text}` is no secondary of this operator; declare it: `#[secondary({text})]`"),
        }
    }

    /// The field of the snapshot, or else the kind.
    fn name(&self, i: usize) -> String {
        self.names[i].as_ref().map_or_else(|| self.attrs[i].kind.to_string(), Ident::to_string)
    }

    /// A chain that goes in a circle never arrives at the primary. Said once, at the first of its secondaries.
    fn ends(&self, child: usize, parents: &[Option<usize>], problems: &mut Problems) {
        let mut chain = vec![child];
        while let Some(parent) = chain.last().and_then(|last| parents[*last]) {
            if parent == child && chain.iter().all(|i| *i >= child) {
                let names: Vec<_> = chain.iter().chain([&child]).map(|i| format!("`{}`", self.name(*i))).collect();
                problems.at(
                    self.attrs[child].through(),
                    format!(
                        "`through` goes in a circle, {}, and none of these belongs to the primary; relate one of them to it",
                        names.join(" → ")
                    ),
                );
            }
            if chain.contains(&parent) {
                return;
            }
            chain.push(parent);
        }
    }

    /// An owner reference names the next object alone.
    fn nothing_between(&self, child: usize, parents: &[Option<usize>], problems: &mut Problems) {
        let Some(parent) = parents[child] else { return };
        let (kind, owner) = (self.attrs[child].kind.to_string(), self.attrs[parent].kind.to_string());
        if (&*kind, &*owner) == ("Pod", "Service") {
            problems.at(
                self.attrs[child].through(),
                "a `Service` selects Pods and owns none; relate them by the label that it selects, `label = \"..\"`, or through what owns \
                 them, such as a ReplicaSet",
            );
        }
        let Some((_, _, between)) = BETWEEN.iter().find(|(a, b, _)| (*a, *b) == (&*kind, &*owner)) else { return };
        let written = self.attrs[child].through();
        let declared = (0..self.attrs.len()).find(|i| self.attrs[*i].kind == between && parents[*i] == Some(parent));
        let remedy = match declared {
            Some(declared) => format!("`through = {}`", self.name(declared)),
            None => {
                let to = written.map(Ident::to_string).unwrap_or_default();
                let source = &self.attrs[child].source;
                let second = source.replace(&format!("through = {to}"), &format!("through = {between}"));
                let path = self.attrs[parent].ty.to_token_stream().to_string().replace(' ', "");
                let path = path.strip_suffix(&owner).unwrap_or_default();
                format!("`#[secondary({path}{between}, through = {to}, metadata)]` and `{second}`")
            }
        };
        let (child, owner, between) =
            (naming::with_article(&kind), naming::with_article(&owner), naming::with_article(between));
        problems.at(
            written,
            format!("{child} is not owned by {owner}, but by {between} that stands between them; write {remedy}"),
        );
    }
}
