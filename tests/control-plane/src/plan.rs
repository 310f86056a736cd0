//! What stays the same for as long as one control plane lives: its folder, ports, users and command lines.

use std::{
    collections::BTreeMap,
    fs,
    hash::{BuildHasher as _, RandomState},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    Builder, Error, Part,
    credentials::{Credentials, SETUP, part_user},
    logs,
    program::Programs,
};

/// Below the range from which the system gives ports to outgoing connections: a client that reconnects while its server
/// is down would else, once in a while, occupy the server's port.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// The API server records whom it answered what, once per request; a watch when it begins and when it ends.
const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: ['/healthz*', '/livez*', '/readyz*']
- level: None
  users: [@users@]
- level: Metadata
";

const CONTROLLERS: &str = "deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,\
garbage-collector-controller,namespace-controller,job-controller,cronjob-controller,endpointslice-controller,\
disruption-controller,persistentvolume-binder-controller,persistentvolumeclaim-protection-controller,horizontal-pod-autoscaler-controller";

/// A control plane before and between the lives of its processes.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) folder: PathBuf,
    pub(crate) parts: Vec<Part>,
    pub(crate) credentials: Credentials,
    programs: Programs,
    ports: BTreeMap<Part, u16>,
    compaction: Option<Duration>,
    extra: Vec<(Part, String)>,
}

impl Plan {
    /// Chooses ports and writes all files into the folder.
    pub(crate) fn new(builder: &Builder, programs: Programs, folder: PathBuf) -> Result<Self, Error> {
        let credentials = Credentials::create(&folder)?;
        let mut ports = BTreeMap::new();
        for part in builder.included().iter().copied() {
            let port = match builder.port.filter(|_| part == Part::ApiServer) {
                Some(port) if is_free(port) => port,
                Some(port) => return Err(Error::PortOccupied { part, port }),
                None => free_port(&ports)?,
            };
            ports.insert(part, port);
        }
        let plan = Self {
            parts: builder.included().to_vec(),
            compaction: builder.etcd_compaction_interval,
            extra: builder.extra.clone(),
            folder,
            credentials,
            programs,
            ports,
        };
        for part in &plan.parts {
            let folder = plan.home(*part);
            fs::create_dir(&folder).map_err(Error::io(format!("create {}", folder.display())))?;
            plan.credentials.write_kubeconfig(
                &plan.url(Part::ApiServer),
                &part_user(*part),
                &kubeconfig_name(*part),
            )?;
        }
        let users: Vec<_> = Part::ALL.map(part_user).into_iter().chain([SETUP.into()]).collect();
        let users = users.iter().map(|user| format!("'{user}'")).collect::<Vec<_>>().join(", ");
        let policy = plan.folder.join("audit-policy.yaml");
        fs::write(&policy, AUDIT_POLICY.replace("@users@", &(users + ", 'system:apiserver'")))
            .map_err(Error::io(format!("write {}", policy.display())))?;
        Ok(plan)
    }

    /// The port on which a part of this plan listens.
    pub(crate) fn port(&self, part: Part) -> u16 {
        self.ports[&part]
    }

    /// Where a part of this plan answers.
    pub(crate) fn url(&self, part: Part) -> String {
        let scheme = if matches!(part, Part::Etcd | Part::Kwok) { "http" } else { "https" };
        format!("{scheme}://127.0.0.1:{}", self.port(part))
    }

    /// What a part prints.
    pub(crate) fn log(&self, part: Part) -> PathBuf {
        self.folder.join(format!("{part}.log"))
    }

    /// The end of what a part printed.
    pub(crate) fn last_lines(&self, part: Part) -> String {
        logs::last_lines(&fs::read(self.log(part)).unwrap_or_default())
    }

    /// The audit log of the API server.
    pub(crate) fn audit_log(&self) -> PathBuf {
        self.folder.join("audit.log")
    }

    /// The command that runs a part. It sees nothing of our environment, where a variable could change what it does.
    pub(crate) fn command(&self, part: Part) -> Command {
        let mut command = self.programs.command(part);
        let home = self.home(part);
        command.env_clear().env("HOME", &home).env("TMPDIR", &home).current_dir(&home);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.args(match part {
            Part::Etcd => self.etcd(&home),
            Part::ApiServer => self.api_server(),
            Part::ControllerManager => [self.controller(part), vec![format!("--controllers={CONTROLLERS}")]].concat(),
            Part::Scheduler => self.controller(part),
            Part::Kwok => self.kwok(),
        });
        command.args(self.extra.iter().filter(|(of, _)| *of == part).map(|(_, argument)| argument));
        command
    }

    fn home(&self, part: Part) -> PathBuf {
        self.folder.join(part.name())
    }

    fn kubeconfig(&self, part: Part) -> String {
        self.credentials.file(&kubeconfig_name(part))
    }

    fn etcd(&self, home: &Path) -> Vec<String> {
        let url = self.url(Part::Etcd);
        vec![
            format!("--data-dir={}", home.join("data").display()),
            format!("--listen-client-urls={url}"),
            format!("--advertise-client-urls={url}"),
            "--listen-peer-urls=http://127.0.0.1:0".into(),
            // What is lost with the machine's power is a test's.
            "--unsafe-no-fsync".into(),
            "--log-level=error".into(),
        ]
    }

    fn api_server(&self) -> Vec<String> {
        let file = |name| self.credentials.file(name);
        let mut arguments = vec![
            format!("--etcd-servers={}", self.url(Part::Etcd)),
            "--bind-address=127.0.0.1".into(),
            "--advertise-address=127.0.0.1".into(),
            // Else it would try to publish 127.0.0.1 as an endpoint, which is refused.
            "--endpoint-reconciler-type=none".into(),
            format!("--secure-port={}", self.port(Part::ApiServer)),
            format!("--tls-cert-file={}", file("server.crt")),
            format!("--tls-private-key-file={}", file("server.key")),
            "--service-account-issuer=https://127.0.0.1".into(),
            format!("--service-account-key-file={}", file("service-accounts.pub")),
            format!("--service-account-signing-key-file={}", file("service-accounts.key")),
            format!("--token-auth-file={}", file("tokens.csv")),
            "--authorization-mode=RBAC".into(),
            "--service-cluster-ip-range=10.0.0.0/16".into(),
            "--allow-privileged=true".into(),
            // ServiceAccount would refuse Pods, as no controller makes service accounts; TaintNodesByCondition would keep
            // nodes tainted, as no controller takes the taint away.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition,DefaultTolerationSeconds".into(),
            format!("--audit-policy-file={}", file("audit-policy.yaml")),
            format!("--audit-log-path={}", self.audit_log().display()),
            // A request is in the log before its answer is complete.
            "--audit-log-mode=blocking".into(),
            // Never rotated: in megabytes.
            "--audit-log-maxsize=1000000".into(),
        ];
        arguments.extend(self.compaction.map(|every| format!("--etcd-compaction-interval={}ms", every.as_millis())));
        arguments
    }

    /// What the controller manager and the scheduler have in common.
    fn controller(&self, part: Part) -> Vec<String> {
        vec![
            format!("--kubeconfig={}", self.kubeconfig(part)),
            "--leader-elect=false".into(),
            "--bind-address=127.0.0.1".into(),
            format!("--secure-port={}", self.port(part)),
            format!("--tls-cert-file={}", self.credentials.file("server.crt")),
            format!("--tls-private-key-file={}", self.credentials.file("server.key")),
            "--kube-api-qps=500".into(),
            "--kube-api-burst=1000".into(),
        ]
    }

    fn kwok(&self) -> Vec<String> {
        vec![
            format!("--kubeconfig={}", self.kubeconfig(Part::Kwok)),
            "--manage-all-nodes=true".into(),
            "--node-ip=127.0.0.1".into(),
            // Apart from the services' addresses.
            "--cidr=10.1.0.1/16".into(),
            format!("--server-address=127.0.0.1:{}", self.port(Part::Kwok)),
        ]
    }
}

fn kubeconfig_name(part: Part) -> String {
    format!("{part}.kubeconfig")
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A port that is free now and not among those already chosen.
fn free_port(taken: &BTreeMap<Part, u16>) -> Result<u16, Error> {
    let count = u64::from(PORTS.end - PORTS.start);
    let random = RandomState::new();
    (0..count)
        .map(|attempt| PORTS.start + u16::try_from(random.hash_one(attempt) % count).expect("below a u16"))
        .find(|port| !taken.values().any(|other| other == port) && is_free(*port))
        .ok_or_else(|| Error::io("find a free port")(std::io::ErrorKind::AddrInUse.into()))
}
