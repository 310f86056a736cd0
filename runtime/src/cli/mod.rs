//! The operator's own command line.
//!
//! ```no_run
//! # use k8s_openapi::api::core::v1::ConfigMap;
//! # use kube::CustomResource;
//! # use schemars::JsonSchema;
//! # use serde::{Deserialize, Serialize};
//! # use steersman::{Action, Operator, WriteError};
//! # #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
//! # #[kube(group = "example.com", version = "v1", kind = "Greeting", namespaced)]
//! # #[operator(exported)]
//! # #[secondary(ConfigMap, read_only)]
//! # pub struct GreetingSpec {}
//! # struct Controller;
//! # impl GreetingReconciler for Controller {
//! #     type Error = WriteError;
//! #     async fn reconcile(
//! #         &self,
//! #         _: std::sync::Arc<Greeting>,
//! #         _: GreetingSnapshot,
//! #         _: GreetingContext,
//! #     ) -> Result<Action, WriteError> {
//! #         Ok(Action::await_change())
//! #     }
//! # }
//! use std::process::ExitCode;
//!
//! use steersman::cli::Cli;
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     Cli::new("greeter", env!("CARGO_PKG_VERSION")).operator(Greeting::operator(Controller)).main().await
//! }
//! ```
//!
//! | command | does |
//! |---|---|
//! | `run` | runs the operators until SIGTERM or Ctrl-C |
//! | `crd` | prints the CustomResourceDefinitions of the primaries |
//! | `rbac` | prints the rights that the declarations need, as roles and their bindings |
//! | `manifests` | prints all that an installation needs: Namespace, ServiceAccount, rights, definitions, Deployment |
//! | `explain` | says what is watched, for whom and why, as a table, as JSON or as a Mermaid picture |
//! | `completions` | prints completions for a shell |
//!
//! Only `run` needs a cluster. What is printed is YAML for `kubectl apply --server-side -f -`, and the same each time.
//!
//! # Where a setting comes from
//!
//! From the flag; without it, from the environment variable that `--help` names beside it (`STEERSMAN_…`); without that, from the
//! program ([`OperatorBuilder`], [`Cli::manager`]); and else the documented default holds. `--namespaces`, where it is given, replaces the namespaces of all operators.
//!
//! # Exit codes
//!
//! | code | means |
//! |---|---|
//! | 0 | done; for `run`: it was asked to stop, and has |
//! | 1 | the operators cannot run, or an output cannot be written |
//! | 2 | the command line or an environment variable is wrong |
//! | 3 | there is no usable configuration of a cluster |
//!
//! Every error is one line on stderr: the program's name, what is wrong, and the remedy.

mod explain;
mod failure;
mod logs;
mod manifests;
mod run;
mod yaml;

use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{FromArgMatches, Subcommand, ValueEnum};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

use crate::operator::Operator;
use crate::run::{Added, Manager, OperatorBuilder};
use explain::Explanation;
pub use failure::Failure;
pub use logs::LogFormat;
pub use manifests::{ManifestsArgs, RbacArgs};
pub use run::RunArgs;

/// The command line of one or several operators.
#[must_use = "a command line does nothing until `main` or `execute`"]
pub struct Cli {
    name: &'static str,
    version: &'static str,
    operators: Vec<Added>,
    definitions: Vec<CustomResourceDefinition>,
    manager: Box<dyn FnOnce(Manager) -> Manager + Send>,
}

/// What an operator's program is told to do.
///
/// A program with commands of its own takes these among them: `#[command(flatten)] Operator(steersman::cli::Command)`. The
/// completions are then still those of these commands alone.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Runs until SIGTERM or Ctrl-C
    Run(RunArgs),
    /// Prints the CustomResourceDefinitions as YAML
    Crd,
    /// Prints the rights that the declarations need, as YAML
    Rbac(RbacArgs),
    /// Prints all that an installation needs, as YAML
    Manifests(ManifestsArgs),
    /// Says what is watched, for whom and why
    Explain {
        /// The form
        #[arg(long, value_enum, default_value_t = Form::Table)]
        format: Form,
    },
    /// Prints completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How `explain` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Form {
    /// For people.
    Table,
    /// For programs; fields may be added.
    Json,
    /// A flowchart.
    Mermaid,
}

impl Cli {
    /// For a program of this name and version. The name is that of all that is installed, too: Namespace, ServiceAccount, roles,
    /// Deployment and Lease; so it has to be a name as Kubernetes takes it, such as `webapp-operator`.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version, operators: Vec::new(), definitions: Vec::new(), manager: Box::new(|manager| manager) }
    }

    /// Adds an operator. If it is derived on the spec of a custom resource, its definition is among those that are printed; that of a
    /// kind that is defined elsewhere (`#[operator(primary = ..)]`) is not, see [`Cli::crd`].
    pub fn operator<O: Operator>(mut self, operator: OperatorBuilder<O>) -> Self {
        self.operators.push(Added::new(operator));
        match O::definition() {
            Some(definition) => self.crd(definition),
            None => self,
        }
    }

    /// Adds a definition to those that are printed, of a secondary for instance. One of a name that is there already is not added.
    pub fn crd(mut self, definition: CustomResourceDefinition) -> Self {
        if self.definitions.iter().all(|other| other.metadata.name != definition.metadata.name) {
            self.definitions.push(definition);
        }
        self
    }

    /// Settings of the manager, such as its grace. Flags and environment variables come after them.
    pub fn manager(mut self, settings: impl FnOnce(Manager) -> Manager + Send + 'static) -> Self {
        let before = self.manager;
        self.manager = Box::new(|manager| settings(before(manager)));
        self
    }

    /// Does what the arguments of the process say. Errors are printed.
    pub async fn main(self) -> ExitCode {
        let name = self.name;
        let arguments = self.command().try_get_matches().and_then(|matches| Command::from_arg_matches(&matches));
        let done = match arguments {
            Ok(command) => self.execute(command).await,
            Err(error) if !error.use_stderr() => {
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            Err(error) => Err(Failure::usage(name, &error)),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{name}: {failure}");
                ExitCode::from(failure.code())
            }
        }
    }

    /// Does what one command says. What it prints goes to stdout.
    ///
    /// # Errors
    /// See the [exit codes](self#exit-codes).
    pub async fn execute(self, command: Command) -> Result<(), Failure> {
        match command {
            Command::Run(args) => args.run(self).await,
            Command::Crd => print(&yaml::documents(&self.definitions)?),
            Command::Rbac(args) => print(&yaml::documents(&args.objects(&self)?)?),
            Command::Manifests(args) => print(&yaml::documents(&args.objects(&self)?)?),
            Command::Explain { format } => print(&self.explain(format)?),
            Command::Completions { shell } => {
                // A shell completes what is typed: the name of the file.
                let program = std::env::args_os().next().map(PathBuf::from);
                let program = program.as_deref().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or(self.name);
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut self.command(), program, &mut script);
                print(&String::from_utf8_lossy(&script))
            }
        }
    }

    fn command(&self) -> clap::Command {
        let operators: Vec<_> = self.operators.iter().map(|added| added.settings.declaration.name).collect();
        let about = format!("A Kubernetes operator: {}", operators.join(", "));
        let command = Command::augment_subcommands(clap::Command::new(self.name).version(self.version));
        command.about(about).long_about(None).subcommand_required(true).arg_required_else_help(false)
    }

    fn explain(&self, form: Form) -> Result<String, Failure> {
        let explanation = Explanation::of(self.operators.iter().map(|added| &added.settings));
        Ok(match form {
            Form::Table => explanation.to_string(),
            Form::Json => format!("{}\n", serde_json::to_string_pretty(&explanation).map_err(Failure::output)?),
            Form::Mermaid => explanation.mermaid(),
        })
    }
}

impl fmt::Debug for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cli").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}

/// Prints all of a text. Whoever reads it may have had enough.
fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::output(error)),
        _ => Ok(()),
    }
}
