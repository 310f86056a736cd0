//! The watch of one kind: it lags, breaks, resumes, lists in steps and sends bookmarks.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::cache::Event;
use super::super::key::{Key, Rv, Uid};
use super::rng::Rng;
use super::server::{Logged, Object, Server};

#[derive(Debug)]
pub(super) struct Feed {
    kind: usize,
    state: State,
    /// The version of the last bookmark.
    marked: u64,
    /// The newest version shown of each object.
    newest: HashMap<Key, u64>,
}

#[derive(Debug)]
enum State {
    /// Shows the events from this place of the log on.
    Watching(usize),
    /// To go on from this place, or to list.
    Broken(Option<usize>),
    Listing {
        items: std::vec::IntoIter<Arc<Object>>,
        rv: u64,
        next: usize,
        /// A streaming list may show so many events, deletions too, before its end.
        events: usize,
    },
}

/// What a watch shows next.
pub(super) enum Shown {
    Nothing,
    Object(Arc<Object>),
    Event(Event),
}

impl Feed {
    pub(super) fn new(kind: usize) -> Self {
        Self { kind, state: State::Broken(None), marked: 0, newest: HashMap::new() }
    }

    /// Breaks off; what comes next is a list, where there is no version to go on from or that is too old.
    pub(super) fn cut(&mut self, relist: bool) {
        self.state = match self.state {
            State::Watching(next) if !relist => State::Broken(Some(next)),
            _ => State::Broken(None),
        };
    }

    /// Whether a list is in progress.
    pub(super) fn is_listing(&self) -> bool {
        matches!(self.state, State::Listing { .. })
    }

    /// Whether everything has been shown.
    pub(super) fn is_idle(&self, server: &Server) -> bool {
        matches!(self.state, State::Watching(next) if next == server.log[self.kind].len()) && self.marked == server.rv
    }

    /// Whether a version of this object has been shown that is at least this new.
    pub(super) fn has_shown(&self, key: &Key, rv: u64) -> bool {
        self.newest(key) >= rv
    }

    /// The newest version of this object that has been shown.
    pub(super) fn newest(&self, key: &Key) -> u64 {
        self.newest.get(key).copied().unwrap_or_default()
    }

    pub(super) fn step(&mut self, server: &Server, rng: &mut Rng) -> Shown {
        let log = &server.log[self.kind];
        match &mut self.state {
            State::Broken(Some(next)) => {
                self.state = State::Watching(*next);
                Shown::Nothing
            }
            State::Broken(None) => {
                let items: Vec<_> = server.of(self.kind).cloned().collect();
                self.state =
                    State::Listing { items: items.into_iter(), rv: server.rv, next: log.len(), events: rng.below(4) };
                Shown::Event(Event::ListBegin)
            }
            State::Listing { items, rv, next, events } => {
                if let Some(object) = items.next() {
                    self.newest.insert(object.key.clone(), object.rv);
                    return Shown::Object(object);
                }
                if let Some(logged) = log.get(*next).filter(|_| *events > 0) {
                    (*next, *rv, *events) = (*next + 1, logged.object.rv, *events - 1);
                    return self.show(logged);
                }
                let end = Event::ListEnd(Rv(*rv));
                self.state = State::Watching(*next);
                Shown::Event(end)
            }
            State::Watching(next) => match log.get(*next) {
                Some(logged) => {
                    *next += 1;
                    self.show(logged)
                }
                None => {
                    self.marked = server.rv;
                    Shown::Event(Event::Bookmark(Rv(server.rv)))
                }
            },
        }
    }

    fn show(&mut self, logged: &Logged) -> Shown {
        let object = &logged.object;
        self.newest.insert(object.key.clone(), object.rv);
        if !logged.deleted {
            return Shown::Object(object.clone());
        }
        let (key, uid, rv) = (object.key.clone(), Uid(object.uid), Rv(object.rv));
        Shown::Event(Event::Deleted { key, uid, rv })
    }
}
