//! Why a field is refused, as a text that is made while the user's program is compiled.

use super::{Selectable, equal};

/// A text of the compiler's: it has no memory to allocate from.
#[derive(Debug)]
pub struct Refusal {
    bytes: [u8; MOST],
    len: usize,
}

/// Room for every list of the table behind a selector of ordinary length.
const MOST: usize = 4096;
/// The longest path that is compared letter by letter.
const LONGEST: usize = 64;

impl Refusal {
    /// Why objects of this kind, which the user calls `name`, cannot be selected by `path`; `None` if they can, or if that is
    /// not known. `attribute` is the item as the user wrote it.
    pub const fn new(kind: Option<Selectable>, name: &str, attribute: &str, path: &str) -> Option<Self> {
        let Some(kind) = kind else { return None };
        if kind.knows(path) {
            return None;
        }
        let this = Self { bytes: [0; MOST], len: 0 }.quote(attribute);
        if !kind.namespaced && equal(path, "metadata.namespace") {
            let this = this.push(": ").quote(name).push(" is cluster-scoped, so ").quote(path);
            return Some(this.push(" is empty in all of its objects; remove it"));
        }
        let this = this.push(": the API server cannot select ").quote(name).push(" by ").quote(path).push("; ");
        Some(match nearest(path, kind.fields) {
            Some(near) => this.push("did you mean ").quote(near).push("?"),
            None => this.push("it knows ").list(kind.fields).push(
                ": write one of these, or leave `fields` out and name the fields that matter: `predicate = changed(|object| ..)`",
            ),
        })
    }

    /// The text.
    pub const fn text(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Not reached: whole texts alone are added.
            Err(_) => "the API server cannot select this kind so",
        }
    }

    const fn list(mut self, fields: &[&str]) -> Self {
        let mut i = 0;
        while i < fields.len() {
            if i > 0 {
                self = self.push(if i + 1 == fields.len() { " and " } else { ", " });
            }
            self = self.quote(fields[i]);
            i += 1;
        }
        self
    }

    const fn quote(self, text: &str) -> Self {
        self.push("`").push(text).push("`")
    }

    /// What there is no room for is left out.
    const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if text.len() > MOST - self.len {
            return self;
        }
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.len + i] = text[i];
            i += 1;
        }
        self.len += text.len();
        self
    }
}

/// The field that was meant, if that can be told.
const fn nearest<'a>(path: &str, fields: &[&'a str]) -> Option<&'a str> {
    let (mut near, mut least) = (None, FAR);
    let mut i = 0;
    while i < fields.len() {
        let far = how_far(path.as_bytes(), fields[i].as_bytes());
        if far < least {
            (near, least) = (Some(fields[i]), far);
        }
        i += 1;
    }
    near
}

/// Farther than any field that may have been meant.
const FAR: usize = 7;

/// How unlikely it is that `field` was meant by `path`.
const fn how_far(path: &[u8], field: &[u8]) -> usize {
    let edits = distance(path, field);
    let is_qualified = last_part(path) > 0;
    if edits <= 2 && edits * 3 <= path.len() {
        edits
    } else if !is_qualified && last_part(field) > 0 && same(path, field.split_at(last_part(field)).1) {
        // `nodeName` for `spec.nodeName`.
        3
    } else if is_qualified && begins(field, path) {
        // `spec.serviceAccount` for `spec.serviceAccountName`.
        4
    } else if begins(path, field) && path.len() > field.len() && path[field.len()] == b'.' {
        // `source.component` for `source`.
        5
    } else if !begins(field, b"metadata.") && same_end(path, field) {
        // `involvedObject.kind` for `regarding.kind`.
        6
    } else {
        FAR
    }
}

/// Whether both have several parts, of which the last is the same.
const fn same_end(path: &[u8], field: &[u8]) -> bool {
    let (a, b) = (last_part(path), last_part(field));
    a > 0 && b > 0 && same(path.split_at(a).1, field.split_at(b).1)
}

/// Where the last part of a path begins.
const fn last_part(path: &[u8]) -> usize {
    let mut i = path.len();
    while i > 0 && path[i - 1] != b'.' {
        i -= 1;
    }
    i
}

const fn begins(text: &[u8], with: &[u8]) -> bool {
    text.len() >= with.len() && same(text.split_at(with.len()).0, with)
}

/// Upper and lower case are one here.
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i].eq_ignore_ascii_case(&b[i]) {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// How many letters are to be added, removed or replaced; more than any of them for a path that is too long to be a near miss.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    // The distances from the beginning of `a` that ends here to all beginnings of `b`.
    let mut row = [0; LONGEST + 1];
    let mut j = 0;
    while j <= b.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        j = 0;
        while j < b.len() {
            let replaced = diagonal + if a[i].eq_ignore_ascii_case(&b[j]) { 0 } else { 1 };
            let shorter = if row[j] < row[j + 1] { row[j] } else { row[j + 1] };
            diagonal = row[j + 1];
            row[j + 1] = if replaced <= shorter { replaced } else { shorter + 1 };
            j += 1;
        }
        i += 1;
    }
    row[b.len()]
}
