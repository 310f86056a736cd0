//! Where one test works.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, Client, Config, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steersman::{Manager, Rules};
use steersman_control_plane::{ControlPlane, User};

use crate::rights::{grant, user_of};
use crate::{Log, Operating, eventually, found};

/// A namespace of one's own in a control plane, and the admin's client. All helpers work in this namespace.
pub struct Place {
    /// The control plane.
    pub cluster: &'static ControlPlane,
    /// The namespace.
    pub namespace: String,
    /// A client of the admin, whom nobody counts.
    pub client: Client,
    /// What was logged since.
    pub log: Log,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Place {
    /// In the control plane that all tests of this process share.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn shared(name: &str) -> Self {
        Self::on(ControlPlane::shared().await.expect("the control plane starts"), name).await
    }

    /// In this control plane.
    ///
    /// # Panics
    /// If the namespace cannot be created.
    pub async fn on(cluster: &'static ControlPlane, name: &str) -> Self {
        let log = Log::capture();
        let namespace = cluster.namespace(name).await.expect("a namespace can be created");
        Self { cluster, namespace, client: cluster.client(), log }
    }

    /// One more namespace.
    ///
    /// # Panics
    /// If it cannot be created.
    pub async fn another(&self) -> String {
        self.cluster.namespace(&self.namespace).await.expect("a namespace can be created")
    }

    /// Starts a manager of a user of its own, who has exactly the rights that the declarations ask for.
    pub fn operate(&self, operators: impl FnOnce(Manager) -> Manager) -> Operating {
        let agent = self.agent();
        let client = Client::try_from(self.config_of(&agent)).expect("the configuration makes a client");
        self.operate_with_rules(client, agent, operators)
    }

    /// Starts a manager of a user of its own, who has these rights.
    pub fn operate_under(&self, rules: Rules, operators: impl FnOnce(Manager) -> Manager) -> Operating {
        let agent = self.agent();
        let client = Client::try_from(self.config_of(&agent)).expect("the configuration makes a client");
        let granted = grant(self.client.clone(), rules, user_of(&agent).to_owned());
        Operating::start_after(granted, self.cluster, agent, operators(Manager::new(client)))
    }

    /// Starts a manager of the user `operator`.
    pub fn operate_as_operator(&self, operators: impl FnOnce(Manager) -> Manager) -> Operating {
        let agent = self.agent();
        self.operate_with(self.cluster.client_as(User::Operator, &agent), agent, operators)
    }

    /// Starts a manager with this client, whose user agent is `agent`.
    pub fn operate_with(&self, client: Client, agent: String, operators: impl FnOnce(Manager) -> Manager) -> Operating {
        Operating::start(self.cluster, agent, operators(Manager::new(client)))
    }

    /// The same, once its [`user_of`] has exactly the rights that the declarations ask for. The client is made of
    /// [`Place::config_of`].
    pub fn operate_with_rules(
        &self,
        client: Client,
        agent: String,
        operators: impl FnOnce(Manager) -> Manager,
    ) -> Operating {
        let manager = operators(Manager::new(client));
        let granted = grant(self.client.clone(), manager.rules(), user_of(&agent).to_owned());
        Operating::start_after(granted, self.cluster, agent, manager)
    }

    /// The configuration of a client with this user agent, and of a user whom nobody else is.
    pub fn config_of(&self, agent: &str) -> Config {
        let mut config = self.cluster.config_for(User::Admin, Some(agent));
        config.auth_info.impersonate = Some(user_of(agent).to_owned());
        config
    }

    /// Gives the user `operator` all rights on these resources of the core group, and on our own.
    ///
    /// # Panics
    /// If the API server refuses.
    pub async fn allow(&self, name: &str, resources: &[&str]) {
        let verbs = ["list", "watch", "create", "patch", "delete"];
        let rules = json!([
            { "apiGroups": [""], "resources": resources, "verbs": verbs },
            { "apiGroups": ["test.steersman.dev"], "resources": ["*"], "verbs": verbs },
        ]);
        self.grant(name, rules).await;
    }

    /// Gives the user `operator` the rights of these rules of a Role.
    ///
    /// # Panics
    /// If the API server refuses.
    pub async fn grant(&self, name: &str, rules: Value) {
        let role = json!({ "metadata": { "name": name }, "rules": rules });
        self.create::<Role>(serde_json::from_value(role).expect("a role")).await;
        let group = "rbac.authorization.k8s.io";
        let binding = json!({
            "metadata": { "name": name },
            "roleRef": { "apiGroup": group, "kind": "Role", "name": name },
            "subjects": [{ "apiGroup": group, "kind": "User", "name": User::Operator.name() }],
        });
        self.create::<RoleBinding>(serde_json::from_value(binding).expect("a binding")).await;
    }

    /// Waits until so many operators have said in this test that they have seen everything there is.
    pub async fn started(&self, operators: usize) {
        let what = format!("{operators} operators have started");
        eventually(&what, async || self.log.lines(&["all caches are complete"]).len() >= operators).await;
    }

    /// Waits until so many runs have come to their end in this test.
    pub async fn ended(&self, runs: usize) {
        eventually(&format!("{runs} runs have ended"), async || self.log.lines(&["engine: ended"]).len() >= runs).await;
    }

    /// A user agent that nobody else has.
    pub fn agent(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        format!("{}-{}/1", self.namespace, COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// The objects of one kind.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Creates an object.
    ///
    /// # Panics
    /// If the API server refuses.
    pub async fn create<K>(&self, object: K) -> K
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Serialize
            + DeserializeOwned
            + Clone
            + fmt::Debug,
    {
        self.api().create(&PostParams::default(), &object).await.expect("the object can be created")
    }

    /// The object of this name, if there is one.
    ///
    /// # Panics
    /// If the API server refuses.
    pub async fn get<K>(&self, name: &str) -> Option<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + fmt::Debug,
    {
        self.api().get_opt(name).await.expect("the object can be read")
    }

    /// Changes an object by a merge patch.
    ///
    /// # Panics
    /// If the API server refuses.
    pub async fn patch<K>(&self, name: &str, patch: Value) -> K
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + fmt::Debug,
    {
        let patched = self.api().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await;
        patched.expect("the object can be changed")
    }

    /// Deletes an object; it may stay for as long as finalizers hold it.
    ///
    /// # Panics
    /// If the API server refuses.
    pub async fn delete<K>(&self, name: &str)
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + fmt::Debug,
    {
        self.api::<K>().delete(name, &DeleteParams::background()).await.expect("the object can be deleted");
    }

    /// Waits until an object is there.
    pub async fn there<K>(&self, name: &str) -> K
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + fmt::Debug,
    {
        found(&format!("{} {name} is there", K::kind(&())), async || self.get::<K>(name).await).await
    }

    /// Waits until an object is gone.
    pub async fn gone<K>(&self, name: &str)
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + fmt::Debug,
    {
        let what = format!("{} {name} is gone", K::kind(&()));
        eventually(&what, async || self.get::<K>(name).await.is_none()).await;
    }
}
