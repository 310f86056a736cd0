//! What can go wrong, and what to do about it.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use crate::Part;

/// Why a control plane could not be built, started or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The Go command could not be run.
    #[error(
        "cannot run `{}`: {source}; install Go 1.26 or later (https://go.dev/dl) and see that `go` is in PATH, or start \
         only etcd and the API server with programs of your own (KUBEBUILDER_ASSETS)", command.display()
    )]
    GoMissing {
        /// The command that was tried.
        command: PathBuf,
        /// Why it could not be run.
        source: io::Error,
    },

    /// The Go command is too old to build Kubernetes.
    #[error(
        "`{}` is {found}, but Go 1.26 or later is needed; install it (https://go.dev/dl) and see that it comes first in PATH",
        command.display()
    )]
    GoTooOld {
        /// The command that was asked.
        command: PathBuf,
        /// The version that it reported.
        found: String,
    },

    /// Go could not build the program.
    #[error(
        "go build failed ({status}); the first build needs the network (or a Go module proxy, GOPROXY) and 5 GB of disk; \
         go said:\n{output}"
    )]
    Build {
        /// How `go` ended.
        status: ExitStatus,
        /// The end of what it printed.
        output: String,
    },

    /// `KUBEBUILDER_ASSETS` names a folder without the program.
    #[error(
        "there is no {} although KUBEBUILDER_ASSETS (or `Builder::assets`) names that folder; put etcd and kube-apiserver \
         there or unset it", path.display()
    )]
    AssetMissing {
        /// The program that was looked for.
        path: PathBuf,
    },

    /// The variable that says where the program is kept names a folder that would be another one for each test.
    #[error("STEERSMAN_CONTROL_PLANE is `{}`; write an absolute path", folder.display())]
    RelativeFolder {
        /// What it names.
        folder: PathBuf,
    },

    /// Another process listens on a port that a part needs.
    #[error("port {port} of {part} is occupied by another process; end that process or choose another port")]
    PortOccupied {
        /// The part that needs the port.
        part: Part,
        /// The port, on 127.0.0.1.
        port: u16,
    },

    /// A part ended by itself while it should have become ready.
    #[error("{part} ended by itself ({status}); see what it said last, and which arguments it was given:\n{log}")]
    Died {
        /// The part.
        part: Part,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },

    /// A part ended by itself, and there is hardly any room left where it writes. It may not have been able to say so.
    #[error(
        "{part} ended by itself ({status}): {} has only {} MB left; make room (an empty control plane takes some 20 MB, what \
         is stored and logged comes on top), or let TMPDIR name a folder on another disk; it said last:\n{log}", folder.display(), free / 1_000_000
    )]
    DiskFull {
        /// The part.
        part: Part,
        /// How it ended.
        status: ExitStatus,
        /// Where it writes.
        folder: PathBuf,
        /// How many bytes are left there.
        free: u64,
        /// The end of its log.
        log: String,
    },

    /// A part did not become ready in time.
    #[error(
        "{part} was not ready after {} s ({last}); if the machine is that slow, raise `Builder::deadline`; \
         it said last:\n{log}", waited.as_secs()
    )]
    NotReady {
        /// The part.
        part: Part,
        /// How long it was waited for.
        waited: Duration,
        /// What the last attempt to reach it brought.
        last: String,
        /// The end of its log.
        log: String,
    },

    /// A part that does not run cannot be paused or resumed.
    #[error("{part} does not run; start it with `start_part` first")]
    NotRunning {
        /// The part.
        part: Part,
    },

    /// A part that this control plane was built without cannot be started.
    #[error("this control plane has no {part}; leave out `Builder::api_server_only`")]
    NotIncluded {
        /// The part.
        part: Part,
    },

    /// The API server refused what the control plane needs for itself.
    #[error("cannot {action}: {source}; see the log of the API server (`ControlPlane::log`)")]
    Api {
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: Box<kube::Error>,
    },

    /// The throw-away certificates could not be made.
    #[error("cannot make the throw-away certificates: {0}; please report it")]
    Certificate(#[from] rcgen::Error),

    /// The operating system refused something.
    #[error("cannot {action}: {source}; check its permissions and the free disk space")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: an I/O error with what was tried.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        |source| Error::Io { action: action.into(), source }
    }

    /// For `map_err`: an API error with what was tried.
    pub(crate) fn api(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Error::Api { action, source: Box::new(source) }
    }
}
