//! A running control plane.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderValue, header::USER_AGENT};
use k8s_openapi::api::core::v1::{Namespace, Node};
use kube::{
    Api, Client, Config,
    api::{ListParams, ObjectMeta, PostParams},
};
use rustix::process::Signal;
use tokio::sync::OnceCell;

use crate::{
    AuditMark, Builder, Cost, Counts, Error, Part, Request, User,
    audit::AuditLog,
    credentials::SETUP,
    plan::Plan,
    processes::{POLL, Processes},
    ready::Probe,
};

/// A Kubernetes control plane of one's own, without nodes or containers.
///
/// # Guarantees
/// - All methods may be called from any number of threads and tokio runtimes; nothing runs on a runtime between calls.
/// - A part keeps its port and data over [`stop`](Self::stop), [`kill`](Self::kill) and restarts, so clients reconnect.
/// - Dropping it, and any other way in which this process ends, SIGKILL included, ends all its processes and removes its
///   temporary folder.
#[derive(Debug)]
pub struct ControlPlane {
    // Ends with it everything else, so it comes first.
    processes: Processes,
    plan: Plan,
    kubeconfig: PathBuf,
    audit: Mutex<AuditLog>,
    deadline: Duration,
}

impl ControlPlane {
    /// Starts one with all parts and one node.
    ///
    /// # Errors
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Starts one that is not like all others.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The one that all tests of this process share, started by the first that asks. Each test should work in a
    /// [`namespace`](Self::namespace) of its own and leave the parts alone. It ends with the process.
    ///
    /// # Errors
    /// See [`Builder::start`]. The next caller tries again.
    pub async fn shared() -> Result<&'static Self, Error> {
        static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    pub(crate) fn new(plan: Plan, processes: Processes, deadline: Duration) -> Result<Self, Error> {
        let server = plan.url(Part::ApiServer);
        let kubeconfig = plan.credentials.write_kubeconfig(&server, User::Admin.name(), "admin.kubeconfig")?;
        Ok(Self { processes, plan, kubeconfig, audit: Mutex::default(), deadline })
    }

    /// The address of the API server, `https://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        self.plan.url(Part::ApiServer)
    }

    /// The temporary folder with logs, certificates and etcd's data.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.plan.folder
    }

    /// The file with what a part prints.
    #[must_use]
    pub fn log(&self, part: Part) -> PathBuf {
        self.plan.log(part)
    }

    /// A client of the admin. See [`client_as`](Self::client_as).
    #[must_use]
    pub fn client(&self) -> Client {
        connect(self.config_for(User::Admin, None))
    }

    /// A client of a user. See [`client_as`](Self::client_as).
    #[must_use]
    pub fn client_for(&self, user: User) -> Client {
        connect(self.config_for(user, None))
    }

    /// A client of a user with a user agent by which [`requests`](Self::requests) finds it again.
    ///
    /// Every call makes a new client, as a client is bound to the tokio runtime in which it was made.
    ///
    /// # Panics
    /// Outside of a tokio runtime, and if the user agent is no valid header.
    #[must_use]
    pub fn client_as(&self, user: User, user_agent: &str) -> Client {
        connect(self.config_for(user, Some(user_agent)))
    }

    /// The configuration of a client, for those who want to change it.
    ///
    /// # Panics
    /// If the user agent is no valid header.
    #[must_use]
    pub fn config_for(&self, user: User, user_agent: Option<&str>) -> Config {
        self.config(Part::ApiServer, user.name(), user_agent)
    }

    /// A kubeconfig file of the admin, for `kubectl --kubeconfig`.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The text of a kubeconfig of a user. It refers to a file in [`folder`](Self::folder).
    #[must_use]
    pub fn kubeconfig_for(&self, user: User) -> String {
        self.plan.credentials.kubeconfig(&self.url(), user.name())
    }

    /// Creates a namespace whose name begins with a prefix and is nobody else's.
    ///
    /// # Errors
    /// If the API server refuses.
    pub async fn namespace(&self, prefix: &str) -> Result<String, Error> {
        let api = Api::<Namespace>::all(self.setup_client());
        let metadata = ObjectMeta { generate_name: Some(format!("{prefix}-")), ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        let created = api.create(&PostParams::default(), &namespace).await.map_err(Error::api("create a namespace"))?;
        Ok(created.metadata.name.expect("the API server names what it creates"))
    }

    /// All requests since the start by clients whose user agent begins so (all clients: `""`).
    ///
    /// Each request is one, however long it lasts. Left out are health checks and what the parts and this crate ask.
    /// A request is here as soon as its answer is complete, a watch as soon as it has begun.
    ///
    /// # Panics
    /// If the audit log, which is in [`folder`](Self::folder), cannot be read.
    #[must_use]
    pub fn requests(&self, user_agent: &str) -> Vec<Request> {
        self.requests_since(AuditMark::default(), user_agent)
    }

    /// Like [`requests`](Self::requests), only those that came after a mark.
    ///
    /// # Panics
    /// See [`requests`](Self::requests).
    #[must_use]
    pub fn requests_since(&self, mark: AuditMark, user_agent: &str) -> Vec<Request> {
        self.audit().since(mark, user_agent)
    }

    /// Marks the present moment, so that [`requests_since`](Self::requests_since) tells what comes later.
    ///
    /// # Panics
    /// See [`requests`](Self::requests).
    #[must_use]
    pub fn mark(&self) -> AuditMark {
        self.audit().mark()
    }

    /// That clients whose user agent begins so have asked this much since a mark, watches and questions about their rights left out.
    ///
    /// ```no_run
    /// # use steersman_control_plane::{ControlPlane, Cost};
    /// # fn test(cluster: &ControlPlane) {
    /// let before = cluster.mark();
    /// // .. whatever is to cost four writes ..
    /// cluster.assert_requests(before, "operator/", Cost { reads: 0, writes: 4 });
    /// # }
    /// ```
    ///
    /// # Panics
    /// If they have asked for more or less, with all that they have asked for; see [`requests`](Self::requests), too.
    #[track_caller]
    pub fn assert_requests(&self, mark: AuditMark, user_agent: &str, cost: Cost) {
        let requests = self.requests_since(mark, user_agent);
        let was = Cost::from(&requests.iter().collect::<Counts>());
        let list: String = requests.iter().map(|request| format!("\n  {request}")).collect();
        assert!(was == cost, "{cost} are expected of `{user_agent}`, and there were {was}:{list}");
    }

    /// The process id of a part, if it runs (a paused one does).
    #[must_use]
    pub fn pid(&self, part: Part) -> Option<u32> {
        self.processes.pid(part)
    }

    /// Ends a part by SIGTERM, and by SIGKILL if that takes more than 5 s (the API server waits for its open watches).
    /// Nothing happens if it does not run.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub async fn stop(&self, part: Part) -> Result<(), Error> {
        self.processes.stop(part).await
    }

    /// Ends a part by SIGKILL. Nothing happens if it does not run.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub async fn kill(&self, part: Part) -> Result<(), Error> {
        self.processes.kill(part).await
    }

    /// Starts a part again, on its port and data, and waits until it is ready. Nothing happens if it runs and is ready.
    ///
    /// # Errors
    /// If it dies or does not become ready in time.
    pub async fn start_part(&self, part: Part) -> Result<(), Error> {
        if !self.plan.parts.contains(&part) {
            return Err(Error::NotIncluded { part });
        }
        self.start_all(&[part]).await
    }

    /// [`stop`](Self::stop), then [`start_part`](Self::start_part).
    ///
    /// # Errors
    /// Those of the two.
    pub async fn restart(&self, part: Part) -> Result<(), Error> {
        self.stop(part).await?;
        self.start_part(part).await
    }

    /// Lets a part hang by SIGSTOP: its connections stay open and nothing answers.
    ///
    /// # Errors
    /// If it does not run.
    pub fn pause(&self, part: Part) -> Result<(), Error> {
        self.signal(part, Signal::STOP)
    }

    /// Lets a paused part go on by SIGCONT.
    ///
    /// # Errors
    /// If it does not run.
    pub fn resume(&self, part: Part) -> Result<(), Error> {
        self.signal(part, Signal::CONT)
    }

    /// Starts parts side by side and waits until all of them are ready.
    pub(crate) async fn start_all(&self, parts: &[Part]) -> Result<(), Error> {
        for part in parts {
            self.processes.start(*part, &self.plan)?;
        }
        let begin = Instant::now();
        for part in parts {
            let mut probe = Probe::new(*part, self.config(*part, SETUP, None));
            while let Err(last) = probe.ask().await {
                self.processes.alive(parts, &self.plan)?;
                self.in_time(begin, *part, last)?;
                tokio::time::sleep(POLL).await;
            }
        }
        self.processes.alive(parts, &self.plan)
    }

    /// Creates nodes and waits until they are ready, and until the namespace `default` is there.
    pub(crate) async fn furnish(&self, nodes: usize) -> Result<(), Error> {
        let begin = Instant::now();
        let client = self.setup_client();
        let (api, namespaces) = (Api::<Node>::all(client.clone()), Api::<Namespace>::all(client));
        for number in 1..=nodes {
            let metadata = ObjectMeta { name: Some(format!("node-{number}")), ..ObjectMeta::default() };
            let node = Node { metadata, ..Node::default() };
            api.create(&PostParams::default(), &node).await.map_err(Error::api("create a node"))?;
        }
        loop {
            let listed = api.list(&ListParams::default()).await.map_err(Error::api("list the nodes"))?;
            let ready = listed.iter().filter(|node| is_ready(node)).count();
            let default = namespaces.get_opt("default").await.map_err(Error::api("get the default namespace"))?;
            if ready == nodes && default.is_some() {
                return Ok(());
            }
            self.processes.alive(&self.plan.parts, &self.plan)?;
            let part = if default.is_none() { Part::ApiServer } else { Part::Kwok };
            self.in_time(begin, part, format!("{ready} of {nodes} nodes are ready"))?;
            tokio::time::sleep(POLL).await;
        }
    }

    fn in_time(&self, begin: Instant, part: Part, last: String) -> Result<(), Error> {
        let waited = begin.elapsed();
        if waited < self.deadline {
            return Ok(());
        }
        Err(Error::NotReady { part, waited, last, log: self.plan.last_lines(part) })
    }

    fn signal(&self, part: Part, signal: Signal) -> Result<(), Error> {
        if self.processes.signal(part, signal)? { Ok(()) } else { Err(Error::NotRunning { part }) }
    }

    fn audit(&self) -> MutexGuard<'_, AuditLog> {
        let mut audit = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        audit.update(&self.plan.audit_log()).expect("the audit log can be read");
        audit
    }

    fn setup_client(&self) -> Client {
        connect(self.config(Part::ApiServer, SETUP, None))
    }

    fn config(&self, part: Part, user: &str, user_agent: Option<&str>) -> Config {
        let mut config = Config::new(self.plan.url(part).parse().expect("our URLs are URLs"));
        config.root_cert = Some(vec![self.plan.credentials.authority()]);
        let token = self.plan.credentials.token(user);
        config.auth_info = serde_json::from_value(serde_json::json!({ "token": token })).expect("a token is enough");
        config.headers.extend(user_agent.map(|agent| {
            (USER_AGENT, HeaderValue::from_str(agent).expect("a user agent has only visible ASCII characters"))
        }));
        config
    }
}

fn connect(config: Config) -> Client {
    Client::try_from(config).expect("a configuration of our own making is valid")
}

fn is_ready(node: &Node) -> bool {
    let conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
