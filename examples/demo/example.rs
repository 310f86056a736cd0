//! The examples that can be shown.

use clap::ValueEnum;
use examples::cronjob::{self, api::CronJob};
use examples::database;
use examples::database::api::{Backup, Backups, Database, Restore, Restores};
use examples::database::controller::{BackupController, DatabaseController, RestoreController};
use examples::gateway;
use examples::gateway::api::{Classes, Gateways};
use examples::gateway::gateway_api::{self, GatewayClass};
use examples::webapp::{self, api::WebApp};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use steersman::cli::Cli;
use steersman::{Rules, Stats};

use crate::stage::{Stage, Told};

/// An example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Example {
    /// A web application: the flagship
    Webapp,
    /// Jobs on a schedule
    Cronjob,
    /// Gateways, whose kinds are defined elsewhere
    Gateway,
    /// Databases with backups and restores: three operators in one manager
    Database,
}

impl Example {
    /// The operator's name, by which its requests begin.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Webapp => webapp::cli::NAME,
            Self::Cronjob => cronjob::cli::NAME,
            Self::Gateway => gateway::cli::NAME,
            Self::Database => database::cli::NAME,
        }
    }

    /// What has to be installed before the operator is started.
    pub(crate) fn definitions(self) -> Vec<CustomResourceDefinition> {
        match self {
            Self::Webapp => vec![WebApp::crd()],
            Self::Cronjob => vec![CronJob::crd()],
            Self::Gateway => vec![GatewayClass::crd(), gateway_api::Gateway::crd()],
            Self::Database => vec![Database::crd(), Backup::crd(), Restore::crd()],
        }
    }

    /// The rights that the operator needs.
    pub(crate) fn rules(self) -> Rules {
        match self {
            Self::Webapp => WebApp::rules(),
            Self::Cronjob => CronJob::rules(),
            Self::Gateway => Classes::rules().and(Gateways::rules()),
            Self::Database => Database::rules().and(Backups::rules()).and(Restores::rules()),
        }
    }

    /// The operator, with its counters.
    pub(crate) fn cli(self) -> (Cli, Vec<Stats>) {
        let cli = Cli::new(self.name(), env!("CARGO_PKG_VERSION"));
        match self {
            Self::Webapp => {
                let operator = WebApp::operator(webapp::controller::Controller);
                let stats = operator.stats();
                (cli.operator(operator), vec![stats])
            }
            Self::Gateway => {
                let classes = Classes::operator(gateway::controller::Controller);
                let gateways = Gateways::operator(gateway::controller::Controller);
                let stats = vec![classes.stats(), gateways.stats()];
                (cli.operator(classes).operator(gateways), stats)
            }
            Self::Database => {
                let databases = Database::operator(DatabaseController::default());
                let (backups, restores) = (Backups::operator(BackupController), Restores::operator(RestoreController));
                let stats = vec![databases.stats(), backups.stats(), restores.stats()];
                (cli.operator(databases).operator(backups).operator(restores), stats)
            }
            Self::Cronjob => {
                let operator = CronJob::operator(cronjob::controller::Controller::default());
                let stats = operator.stats();
                (cli.operator(operator), vec![stats])
            }
        }
    }

    /// Tells its story on this stage.
    pub(crate) async fn tell(self, stage: &mut Stage) -> Told<()> {
        match self {
            Self::Webapp => crate::webapp::Story(stage).tell().await,
            Self::Cronjob => crate::cronjob::Story(stage).tell().await,
            Self::Gateway => crate::gateway::Story(stage).tell().await,
            Self::Database => crate::database::Story(stage).tell().await,
        }
    }

    /// Prepares what goes on after the end, and says which kinds are worth a look.
    pub(crate) async fn encore(self, stage: &mut Stage) -> Told<&'static str> {
        match self {
            Self::Webapp => {
                crate::webapp::Story(stage).encore().await?;
                Ok("webapps,deployments,services,configmaps,pods")
            }
            Self::Database => {
                crate::database::Story(stage).encore().await?;
                Ok("databases,backups,restores,statefulsets,pods,secrets,pvc")
            }
            Self::Gateway => Ok("gateways,services,configmaps,deployments"),
            Self::Cronjob => Ok("cronjobs.batch.demo.steersman.dev,jobs,pods"),
        }
    }
}
