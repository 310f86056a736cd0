//! Why a command was not carried out.

use std::error::Error as StdError;
use std::fmt;

use clap::error::{ContextKind, ContextValue};

use crate::error::{Error, chain};

/// Why a command was not carried out: one line, with the remedy.
#[derive(Debug)]
pub struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// The exit code: see [the module](super#exit-codes).
    pub fn code(&self) -> u8 {
        self.code
    }

    /// The arguments of the program `name`, or the environment, are wrong.
    pub(super) fn usage(name: &str, error: &clap::Error) -> Self {
        let text = error.to_string();
        // The first line says what is wrong, and may name several things in the lines after it.
        let said = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect::<Vec<_>>().join(" ");
        let said = said.strip_prefix("error: ").unwrap_or(&said);
        let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
        let near = near.into_iter().find_map(|kind| match error.get(kind)? {
            ContextValue::String(near) => Some(near.clone()),
            ContextValue::Strings(near) => near.first().cloned(),
            _ => None,
        });
        let remedy = match near {
            Some(near) => format!("write `{near}`, or see `{name} --help`"),
            None => format!("see `{name} --help`"),
        };
        Self { text: format!("{said}; {remedy}"), code: 2 }
    }

    /// A setting is wrong that the command line cannot check itself.
    pub(super) fn setting(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }

    /// There is no usable configuration of a cluster.
    pub(super) fn cluster(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 3 }
    }

    /// Something cannot be printed.
    pub(super) fn output(error: impl StdError + 'static) -> Self {
        Self { text: format!("the output cannot be written: {}", chain(&error)), code: 1 }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = one_line(&chain(&error));
        match error {
            Error::Config(_) | Error::Client(_) => Self { text, code: 3 },
            _ => Self { text, code: 1 },
        }
    }
}

/// Whatever an error of another crate says, on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Failure {}
