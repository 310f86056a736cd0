//! The processes that make up a control plane.

use std::fmt;

/// One process of a control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The store of the API server.
    Etcd,
    /// The API server.
    ApiServer,
    /// The controllers behind Deployments, Jobs, garbage collection, namespaces and the like.
    ControllerManager,
    /// The scheduler, which gives each Pod a node.
    Scheduler,
    /// kwok, which plays the nodes: it makes them ready, runs their Pods and deletes them.
    Kwok,
}

impl Part {
    /// Every part, in the order in which they depend on each other.
    pub const ALL: [Part; 5] = [Part::Etcd, Part::ApiServer, Part::ControllerManager, Part::Scheduler, Part::Kwok];

    /// The name of the program.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Etcd => "etcd",
            Part::ApiServer => "kube-apiserver",
            Part::ControllerManager => "kube-controller-manager",
            Part::Scheduler => "kube-scheduler",
            Part::Kwok => "kwok",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
