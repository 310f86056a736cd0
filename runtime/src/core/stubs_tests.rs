//! Stubs, as they are found.

use super::super::testing::{key, object};
use super::*;

#[test]
fn an_entry_is_no_larger_than_it_need_be() {
    assert_eq!(size_of::<Entry>(), 64);
}

#[test]
fn stubs_are_found_by_key_and_by_owner() {
    let mut stubs = Stubs::default();
    let stub = |rv, owner| Stub::of(&object("n/a", 1, rv).meta(), [(Uid(owner), Readers::one(0))].into());
    stubs.insert(key("n/a"), stub(5, 7));
    stubs.insert(key("n/a"), stub(6, 7));
    assert_eq!(stubs.of_owner(Uid(7)).collect::<Vec<_>>(), [&key("n/a")]);
    assert_eq!(stubs.get(&key("n/a")).unwrap().rv, Rv(6));
    stubs.insert(key("n/a"), stub(7, 8));
    assert_eq!((stubs.of_owner(Uid(7)).count(), stubs.of_owner(Uid(8)).count()), (0, 1));
    stubs.retain(|_, _| false);
    assert!(
        stubs.is_empty()
            && stubs.of_owner(Uid(8)).next().is_none()
            && !stubs.take_changed().is_empty()
            && stubs.take_changed().is_empty()
    );
}

#[test]
fn whatever_comes_and_goes_they_are_found_as_in_a_plain_list() {
    let mut stubs = Stubs::default();
    let mut plain: Vec<(Key, u64, Vec<u128>)> = Vec::new();
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for rv in 0..20_000 {
        // Now many, now few.
        let name = format!("n/{}", random(if rv / 4_000 % 2 == 0 { 3_000 } else { 30 }));
        plain.retain(|(other, ..)| *other != key(&name));
        if rv / 4_000 % 2 == 1 && random(3) > 0 {
            let over: Vec<Key> = stubs.all.iter().take(3).map(|entry| entry.key.clone()).collect();
            plain.retain(|(key, ..)| !over.contains(key));
            over.iter().for_each(|key| stubs.remove(key));
        }
        if random(3) == 0 {
            stubs.remove(&key(&name));
        } else {
            let owners: Vec<u128> = (0..random(3)).map(|i| u128::from(i * 50 + random(40))).collect();
            let readers = owners.iter().map(|owner| (Uid(*owner), Readers::one(0))).collect();
            stubs.insert(key(&name), Stub::of(&object(&name, 1, rv).meta(), readers));
            plain.push((key(&name), rv, owners));
        }
        if rv % 100 == 0 {
            assert_eq!(stubs.all.len(), plain.len());
            assert!(plain.iter().all(|(key, rv, _)| stubs.get(key).unwrap().rv == Rv(*rv)));
            let several = plain.iter().filter(|(_, _, owners)| owners.len() > 1).count();
            assert_eq!(stubs.rest.len(), several);
            for owner in 0..90 {
                let mut found: Vec<&Key> = stubs.of_owner(Uid(owner)).collect();
                let of = plain.iter().filter(|(_, _, owners)| owners.contains(&owner));
                let mut expected: Vec<&Key> = of.map(|(key, ..)| key).collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "of {owner} at {rv}");
            }
        }
    }
}
