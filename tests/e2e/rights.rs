//! The rights that the declarations ask for: all of them are needed, and none besides. That they are enough is proven by all other
//! tests, whose operators have no others.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::api::events::v1::Event as Occurrence;
use kube::Client;
use kube::api::ListParams;
use serde_json::json;
use steersman::rights::{Right, Subject};
use steersman::{Action, BoxError, Cleanup, Event, LeaderElection, Manager, Operator, Rules};
use steersman_control_plane::User;
use tests::fleet::{Domain, Fleet, FleetSpec};
use tests::kinds::{Comet, Shelf, Warden};
use tests::rights::grant;
use tests::{Journal, Operating, Place, config_map, eventually, typed};

use crate::place;

/// One that asks for every right that there is.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, finalizer = "test.steersman.dev/rich")]
#[secondary(ConfigMap)]
#[secondary(Secret, one, reference = |fleet| &fleet.spec.secret)]
#[secondary(Comet, label = "test.steersman.dev/fleet", optional)]
struct Rich;

struct Spender;

impl RichReconciler for Spender {
    type Error = BoxError;

    async fn reconcile(&self, fleet: Arc<Fleet>, _: RichSnapshot, cx: RichContext) -> Result<Action, BoxError> {
        let maps = cx.config_maps();
        maps.create(config_map("x", "created")).await?;
        maps.patch("x", json!({ "data": { "text": "patched" } })).await?;
        let mut map = ConfigMap::clone(cx.snapshot().config_maps.get("x").ok_or("it sees what it has written")?);
        map.data = config_map("x", "replaced").data;
        maps.replace(map).await?;
        maps.delete("x").await?;
        cx.event(Event::normal("Spent", "Spend", "all"));
        cx.apply_status(json!({ "seen": fleet.spec.note })).await?;
        Ok(Action::await_change())
    }

    async fn cleanup(&self, _: Arc<Fleet>, _: RichSnapshot, _: RichContext) -> Result<Cleanup, BoxError> {
        Ok(Cleanup::Done)
    }
}

/// What was allowed: verb, group and resource.
fn used(operating: &Operating) -> BTreeSet<(String, String, String)> {
    let requests = operating.requests().into_iter().filter(|request| request.code != 403);
    // Discovery needs no right.
    let requests = requests.filter(|request| !request.resource.is_empty());
    let resource = |resource: String, subresource: &str| match subresource {
        "" => resource,
        subresource => format!("{resource}/{subresource}"),
    };
    requests.map(|r| (r.verb, r.group, resource(r.resource, &r.subresource))).collect()
}

/// No right is asked for that nothing uses. Two are for other API servers: `list` where streaming lists are not known, and `update`
/// on the finalizers of an owner where it is enforced who may block its deletion (`faults::rights`).
#[tokio::test]
async fn an_operator_uses_all_rights_that_it_asks_for() {
    let place = place("uses").await;
    place.create(typed::<Secret>(json!({ "metadata": { "name": "cert" } }))).await;
    let operator = Rich::operator(Spender).namespace(&place.namespace);
    let rules = operator.rules();
    let stats = operator.stats();
    let election = LeaderElection::new(&place.namespace, "rich");
    let rules = rules.and_lease(&place.namespace, "rich");
    let operating = place.operate(|manager| manager.leader_election(election).with(operator));
    place.started(1).await;
    place.create(Fleet::new("f", FleetSpec::default())).await;
    let events = async |count: i32| {
        eventually(&format!("{count} events are told"), async || {
            let events = place.api::<Occurrence>().list(&ListParams::default()).await.unwrap();
            let told = |event: &Occurrence| event.series.as_ref().map_or(1, |series| series.count);
            events.iter().map(told).sum::<i32>() == count
        })
        .await;
    };
    events(1).await;
    // The Secret has existed for long.
    place.patch::<Fleet>("f", json!({ "spec": { "secret": "cert" } })).await;
    events(2).await;
    place.delete::<Fleet>("f").await;
    place.gone::<Fleet>("f").await;
    assert_eq!((stats.runs(), stats.failures()), (3, 0));
    let right = |right: &Right| {
        let [verb, group, resource] = [right.verb(), right.group(), right.resource()].map(str::to_owned);
        (verb, group, resource)
    };
    let asked: BTreeSet<_> = rules.rights().map(right).collect();
    let mut unused: Vec<_> = Vec::new();
    eventually("all is used but what is for other API servers", async || {
        let used = used(&operating);
        assert_eq!(used.difference(&asked).collect::<Vec<_>>(), Vec::<&(String, String, String)>::new());
        unused = asked.difference(&used).map(|(verb, _, resource)| format!("{verb} {resource}")).collect();
        unused.len() <= 5
    })
    .await;
    unused.sort();
    assert_eq!(unused, ["list comets", "list configmaps", "list fleets", "list secrets", "update fleets/finalizers"]);
}

/// The managers that the next test starts: namespaced and cluster-scoped primaries, all relations that matter.
fn rich(client: Client, place: &Place) -> Manager {
    let idle = Domain::by(&Journal::default(), |_, _, _| async { Ok(Action::await_change()) });
    let manager = Manager::new(client).leader_election(LeaderElection::new(&place.namespace, "rich"));
    manager.with(Rich::operator(Spender).namespace(&place.namespace)).with(idle.namespace(&place.namespace))
}

/// The rule that gives these rights on one resource, as it is said.
fn rule(rights: impl Iterator<Item = Right>) -> String {
    let rules = rights.collect::<Rules>().to_string();
    let [_, rule] = rules.lines().collect::<Vec<_>>()[..] else { panic!("one rule: {rules}") };
    rule.to_owned()
}

/// What is said to a user who lacks one of the rights: the words of each line, with the rule to add. Each watch speaks for itself.
fn said_of(missing: &Right, rules: &Rules, user: &str) -> Vec<Vec<String>> {
    let role = missing.namespace().map_or("a ClusterRole".to_owned(), |name| format!("a Role in the namespace {name}"));
    let remedy = |rule: String| format!("; bind `{user}` to {role} with this rule: `{rule}`");
    let wanted = missing.wanted_by();
    if missing.verb() == "watch" && missing.without().is_none() {
        let of = |right: &Right| (right.namespace().map(str::to_owned), right.resource().to_owned());
        let reads = |right: &&Right| of(right) == of(missing) && ["get", "list", "watch"].contains(&right.verb());
        let rule = rule(rules.rights().filter(reads).cloned());
        return wanted.iter().map(|by| vec!["WARN".to_owned(), remedy(rule.clone()), by.clone()]).collect();
    }
    let level = if missing.without().is_none() { "ERROR" } else { "INFO" };
    let words = [level.to_owned(), remedy(rule(std::iter::once(missing.clone())))];
    vec![words.into_iter().chain(wanted.iter().cloned()).collect()]
}

/// With any single right missing, that right is named, with the attributes that ask for it, the user and the rule, in one line.
#[tokio::test]
async fn any_single_right_that_is_missing_is_named_with_the_rule_to_add() {
    const AT_ONCE: usize = 8;
    let place = &place("single").await;
    let rules = &rich(place.client.clone(), place).rules();
    let one = async |i: usize, missing: &Right| {
        let agent = format!("{}-without-{i}/1", place.namespace);
        let (user, _) = agent.split_once('/').unwrap();
        let rest: Rules = rules.rights().filter(|right| *right != missing).cloned().collect();
        grant(place.client.clone(), rest, user.to_owned()).await;
        let client = Client::try_from(place.config_of(&agent)).unwrap();
        let operating = place.operate_with(client.clone(), agent.clone(), |_| rich(client, place));
        for line in said_of(missing, rules, user) {
            place.log.says(&line.iter().map(String::as_str).collect::<Vec<_>>()).await;
        }
        operating.stop().await;
        // What does not work without the right may say so as well, but not what to add.
        let lines = place.log.lines(&[&format!("; bind `{user}` to ")]);
        assert_eq!(lines.len(), said_of(missing, rules, user).len(), "{missing:?}: {lines:?}");
    };
    let rights: Vec<_> = rules.rights().enumerate().collect();
    assert!(rights.len() > 25, "{rules}");
    futures::stream::iter(rights).map(|(i, right)| one(i, right)).buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// Nothing else is stopped by it, and what has been given is said.
#[tokio::test]
async fn a_right_that_is_given_later_is_noticed() {
    let place = place("later").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let rules = operator.rules();
    let agent = place.agent();
    let user = tests::rights::user_of(&agent).to_owned();
    let (late, soon): (Rules, Rules) = rules.rights().cloned().partition(|right| right.verb() == "delete");
    grant(place.client.clone(), soon, user.clone()).await;
    let client = Client::try_from(place.config_of(&agent)).unwrap();
    let operating = place.operate_with(client, agent, |manager| manager.with(operator));
    place.create(Shelf::of("a", &["x"])).await;
    place.there::<ConfigMap>("x").await;
    let said = place.log.says(&["ERROR", "a right is missing"]).await;
    let cannot = format!("`#[secondary(ConfigMap)]` of Shelf: User \"{user}\" cannot delete resource \"configmaps\"");
    assert!(said.contains(&cannot), "{said}");
    place.patch::<Shelf>("a", json!({ "spec": { "maps": { "x": null } } })).await;
    place.log.says(&["WARN", "the run failed", "delete of ConfigMap"]).await;
    late.grant("late", &Subject::user(&user)).apply(&place.client).await.unwrap();
    place.log.says(&["INFO", "a right that was missing has been given", "delete", "configmaps"]).await;
    place.gone::<ConfigMap>("x").await;
    assert_eq!(place.log.lines(&["ERROR"]).len(), 1);
    assert_eq!(operating.costs().reads, 0);
}

/// What is given in the whole cluster is asked for once; otherwise each namespace counts.
#[tokio::test]
async fn in_several_namespaces_the_one_without_a_right_is_named() {
    let (first, second) = (place("one").await, place("other").await);
    let journal = Journal::default();
    let namespaces = || [&first, &second].map(|place| place.namespace.clone());
    let rules = Shelf::stocker(&journal).namespaces(namespaces()).rules();
    assert_eq!(rules.namespaces().collect::<Vec<_>>(), namespaces());
    assert!(rules.cluster_wide().is_empty());
    let is_late = |right: &Right| right.verb() == "delete" && right.namespace() == Some(&second.namespace);
    let (_, soon): (Rules, Rules) = rules.rights().cloned().partition(is_late);
    let agent = first.agent();
    let user = tests::rights::user_of(&agent).to_owned();
    grant(first.client.clone(), soon, user.clone()).await;
    let client = Client::try_from(first.config_of(&agent)).unwrap();
    let _operating =
        first.operate_with(client, agent, |manager| manager.with(Shelf::stocker(&journal).namespaces(namespaces())));
    let remedy = format!("; bind `{user}` to a Role in the namespace {} with this rule: `- ", second.namespace);
    let said = second.log.says(&["ERROR", "a right is missing", &remedy]).await;
    assert!(said.contains(r#""verbs": ["delete"]}`"#), "{said}");
    assert_eq!(second.log.lines(&["ERROR"]).len(), 1);

    let wide =
        first.operate_under(Shelf::rules(), |manager| manager.with(Shelf::stocker(&journal).namespaces(namespaces())));
    second.started(2).await;
    // Once all of them, and once more those that are needed in the whole cluster: none.
    let asked = rules.rights().count() / 2;
    eventually("it has asked", async || wide.reviews() >= asked).await;
    assert_eq!(wide.reviews(), asked);
}

/// Who the operator is does not matter to it, nor whether the API server tells.
#[tokio::test]
async fn a_user_without_any_right_is_told_each_rule() {
    let place = place("nobody").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let rules = operator.rules();
    let agent = place.agent();
    let client = place.cluster.client_as(User::Nobody, &agent);
    let operating = place.operate_with(client, agent, |manager| manager.with(operator));
    let (spare, needed): (Vec<_>, Vec<_>) = rules.rights().partition(|right| right.without().is_some());
    assert_eq!((spare.len(), needed.len()), (1, 11));
    // What each watch says of two or three, and what is said of each resource otherwise.
    let lines = || place.log.lines(&["\"nobody\" cannot"]);
    eventually("all is said", async || lines().len() >= 6).await;
    let levels = |level: &str| lines().iter().filter(|line| line.contains(level)).count();
    assert_eq!((levels("WARN"), levels("ERROR"), levels("INFO")), (2, 3, 1), "{:#?}", lines());
    assert!(operating.is_running());
}

#[test]
fn the_rules_of_operators_for_one_kind_are_their_own() {
    let rules =
        |rules: Rules| rules.rights().map(|r| format!("{} {}", r.verb(), r.resource())).collect::<BTreeSet<_>>();
    let (warden, domain) = (rules(Warden::rules()), rules(Domain::rules()));
    // A Role has no status.
    assert!(warden.contains("watch roles") && !warden.contains("patch roles/status"), "{warden:?}");
    assert!(domain.contains("get namespaces") && !domain.contains("create namespaces"), "{domain:?}");
    assert!(!rules(tests::kinds::Single::rules()).contains("patch shelves"));
    assert!(rules(tests::kinds::Single::rules()).contains("patch shelves/status"));
    assert!(rules(tests::kinds::Guarded::rules()).contains("patch shelves"));
}

/// What the flagship needs, as its README may show it.
#[test]
fn the_rules_of_the_flagship() {
    let expected = r#"
# for a ClusterRole
- {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["create", "delete", "list", "patch", "update", "watch"]}
- {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "delete", "list", "patch", "update", "watch"]}
- {"apiGroups": ["demo.steersman.dev"], "resources": ["webapps"], "verbs": ["list", "patch", "watch"]}
- {"apiGroups": ["demo.steersman.dev"], "resources": ["webapps/finalizers"], "verbs": ["update"]}
- {"apiGroups": ["demo.steersman.dev"], "resources": ["webapps/status"], "verbs": ["patch"]}
- {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}
"#;
    assert_eq!(examples::webapp::api::WebApp::rules().to_string(), expected.trim_start());
}
