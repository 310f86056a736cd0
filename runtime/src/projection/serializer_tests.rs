use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Container, ContainerPort, EnvVar, Pod, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::ProjectionHasher;
use super::serializer::FieldHasher;

fn print<T: Serialize + ?Sized>(value: &T) -> u128 {
    let mut hasher = ProjectionHasher::new();
    value.serialize(FieldHasher::new(&mut hasher)).unwrap();
    hasher.finish128()
}

/// No two of these are hashed alike, and each is hashed as itself.
fn all_differ<T: Serialize + Debug>(values: &[T]) {
    for (i, a) in values.iter().enumerate() {
        assert_eq!(print(a), print(a));
        for b in &values[..i] {
            assert_ne!(print(a), print(b), "{a:?} and {b:?}");
        }
    }
}

#[test]
fn what_is_cut_elsewhere_differs() {
    all_differ(&[("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc")]);
    all_differ(&[vec![vec![1], vec![2]], vec![vec![1, 2]], vec![vec![], vec![1, 2]], vec![vec![1, 2], vec![]], vec![]]);
    all_differ(&[vec![None, Some(())], vec![Some(()), None], vec![None], vec![Some(())], vec![]]);
    all_differ(&[None, Some(None), Some(Some(vec![])), Some(Some(vec![()]))]);
    all_differ(&[BTreeMap::from([("a", "b"), ("c", "d")]), BTreeMap::from([("a", "d"), ("c", "b")]), BTreeMap::new()]);
    all_differ(&[json!(null), json!([]), json!({}), json!(""), json!(0), json!(false), json!("0"), json!([null])]);
    all_differ(&[json!([[], {}]), json!([{}, []]), json!([[{}]]), json!([{ "a": {} }]), json!({ "a": [{}] })]);
}

#[derive(Debug, Default, Serialize)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<u8>,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[test]
fn a_field_that_is_left_out_differs_from_another_one() {
    let rest = |name: &str| BTreeMap::from([(name.to_owned(), 1)]);
    all_differ(&[
        Fields::default(),
        Fields { first: Some(1), ..Fields::default() },
        Fields { second: Some(1), ..Fields::default() },
        Fields { rest: rest("third"), ..Fields::default() },
    ]);
    #[derive(Debug, Serialize)]
    struct Plain {
        #[serde(skip_serializing_if = "str::is_empty")]
        a: &'static str,
        #[serde(skip_serializing_if = "str::is_empty")]
        b: &'static str,
    }
    all_differ(&[Plain { a: "x", b: "" }, Plain { a: "", b: "x" }, Plain { a: "x", b: "x" }, Plain { a: "", b: "" }]);
}

#[derive(Debug, Serialize)]
enum Variants {
    Unit,
    Other,
    Newtype(u8),
    List(u8, u8),
    Named { a: u8 },
}

#[test]
fn variants_differ() {
    all_differ(&[
        Variants::Unit,
        Variants::Other,
        Variants::Newtype(1),
        Variants::Newtype(2),
        Variants::List(1, 2),
        Variants::List(2, 1),
        Variants::Named { a: 1 },
        Variants::Named { a: 2 },
    ]);
}

#[test]
fn numbers_are_told_by_their_value() {
    all_differ(&[i128::MIN, -1, 0, 1, 255, 256, i128::MAX]);
    all_differ(&[0, 1, i128::MAX.unsigned_abs(), i128::MAX.unsigned_abs() + 1, u128::MAX]);
    all_differ(&[0.0, 1.0, -1.0, f64::MIN_POSITIVE, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    assert_eq!(print(&0.0), print(&-0.0));
    assert_eq!(print(&f64::NAN), print(&f64::from_bits(f64::NAN.to_bits() ^ 1 ^ (1 << 63))));
    assert_eq!(print(&f32::NAN), print(&-f32::NAN));
    assert_eq!(print(&7_u8), print(&7_i64));
    assert_eq!(print(&7_u128), print(&7_i64));
}

#[test]
fn the_order_of_a_map_does_not_count_and_that_of_a_list_does() {
    let entries = || (0..100).map(|i| (i.to_string(), i));
    let ordered = print(&entries().collect::<BTreeMap<_, _>>());
    // Each has an order of its own.
    assert_eq!(print(&entries().collect::<HashMap<_, _>>()), ordered);
    assert_eq!(print(&entries().rev().collect::<HashMap<_, _>>()), ordered);
    assert_ne!(print(&entries().skip(1).collect::<HashMap<_, _>>()), ordered);
    assert_ne!(print(&[1, 2]), print(&[2, 1]));
    let nested = |a: &str, b: &str| HashMap::from([(a.to_owned(), HashMap::from([(b.to_owned(), 1)]))]);
    all_differ(&[nested("a", "b"), nested("b", "a")]);
}

/// Text that is written in pieces, or cannot be.
struct Pieces(&'static [&'static str]);

impl fmt::Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Err(fmt::Error) } else { self.0.iter().try_for_each(|piece| f.write_str(piece)) }
    }
}

impl Serialize for Pieces {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[test]
fn text_is_hashed_alike_however_it_is_written() {
    assert_eq!(print(&Pieces(&["a", "bc"])), print("abc"));
    assert_eq!(print(&Pieces(&["", "x"])), print(&'x'));
    assert!(Pieces(&[]).serialize(FieldHasher::new(&mut ProjectionHasher::new())).is_err());
}

#[test]
fn values_of_kubernetes_are_hashed_as_in_json() {
    let time = Time("2026-01-01T00:00:00Z".parse().unwrap());
    assert!(FieldHasher::new(&mut ProjectionHasher::new()).is_human_readable());
    assert_eq!(print(&time), print("2026-01-01T00:00:00Z"));
    assert_eq!(print(&Quantity("1Gi".into())), print("1Gi"));
    assert_eq!(print(&ByteString(b"x".to_vec())), print("eA=="));
    assert_eq!(print(&IntOrString::Int(80)), print(&80));
    all_differ(&[IntOrString::Int(80), IntOrString::String("80".into())]);
}

/// Small numbers in an order that is the same each time.
struct Rng(u64);

impl Rng {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn word(&mut self) -> String {
        ["", "a", "b", "ab"][self.below(4) as usize].to_owned()
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    fn list<T>(&mut self, value: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(3)).map(|_| value(self)).collect()
    }

    fn map<T>(&mut self, value: impl Fn(&mut Self) -> T) -> BTreeMap<String, T> {
        (0..self.below(3)).map(|_| (self.word(), value(self))).collect()
    }
}

/// Any JSON, of few and similar values, so that many are nearly equal.
fn value(rng: &mut Rng, depth: u64) -> Value {
    match rng.below(if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => json!(rng.below(2) == 0),
        2 => json!(rng.below(3)),
        3 => json!(-1.5),
        4 => json!(rng.word()),
        5 => Value::Array(rng.list(|rng| value(rng, depth - 1))),
        _ => Value::Object(rng.map(|rng| value(rng, depth - 1)).into_iter().collect()),
    }
}

fn container(rng: &mut Rng) -> Container {
    let port = |rng: &mut Rng| ContainerPort {
        container_port: rng.below(2) as i32,
        name: rng.maybe(Rng::word),
        ..Default::default()
    };
    let env = |rng: &mut Rng| EnvVar { name: rng.word(), value: rng.maybe(Rng::word), value_from: None };
    let limits = |rng: &mut Rng| rng.map(|rng| Quantity(rng.word()));
    Container {
        name: rng.word(),
        args: rng.maybe(|rng| rng.list(Rng::word)),
        command: rng.maybe(|rng| rng.list(Rng::word)),
        env: rng.maybe(|rng| rng.list(env)),
        ports: rng.maybe(|rng| rng.list(port)),
        resources: rng.maybe(|rng| ResourceRequirements { limits: rng.maybe(limits), ..Default::default() }),
        ..Default::default()
    }
}

fn pod(rng: &mut Rng) -> Pod {
    let spec = |rng: &mut Rng| PodSpec {
        containers: rng.list(container),
        node_selector: rng.maybe(|rng| rng.map(Rng::word)),
        priority: rng.maybe(|rng| rng.below(2) as i32),
        ..Default::default()
    };
    let time = |rng: &mut Rng| Time(format!("2026-01-01T00:00:0{}Z", rng.below(2)).parse().unwrap());
    let metadata = ObjectMeta {
        labels: rng.maybe(|rng| rng.map(Rng::word)),
        annotations: rng.maybe(|rng| rng.map(Rng::word)),
        deletion_timestamp: rng.maybe(time),
        finalizers: rng.maybe(|rng| rng.list(Rng::word)),
        ..Default::default()
    };
    Pod { metadata, spec: rng.maybe(spec), status: None }
}

/// The hash stands for the JSON: each of either has one of the other.
fn agrees_with_json<T: Serialize>(count: usize, make: impl Fn(&mut Rng) -> T) {
    let mut rng = Rng(7);
    let (mut by_json, mut by_print) = (HashMap::new(), HashMap::new());
    for _ in 0..count {
        let made = make(&mut rng);
        let (json, print) = (serde_json::to_string(&made).unwrap(), print(&made));
        assert_eq!(*by_json.entry(json.clone()).or_insert(print), print, "one JSON, two hashes: {json}");
        assert_eq!(*by_print.entry(print).or_insert_with(|| json.clone()), json, "two JSONs, one hash");
    }
    let distinct = by_json.len();
    assert!(distinct > count / 10 && distinct < count, "{distinct} of {count}: the values do not try much");
}

#[test]
fn hashes_agree_with_json() {
    agrees_with_json(20_000, |rng| [value(rng, 2), value(rng, 2)]);
    agrees_with_json(5_000, pod);
    agrees_with_json(5_000, container);
}
