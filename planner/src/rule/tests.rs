//! Replays schedules call by call: every request is answered as before or as after.

use super::*;
use ingc_compiler::resource::{Condition, ListenerRule};
use ingc_compiler::route::{Request, matches};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

/// A rule as a test writes it: hosts, paths, answer.
type Rule = (&'static str, &'static str, &'static str);

fn content(rule: Rule) -> Content {
    let condition = |field: &str, config: &str, value: &str| json!({"field": field, config: {"values": [value]}});
    let conditions: Vec<_> = [
        ("host-header", "hostHeaderConfig", rule.0),
        ("path-pattern", "pathPatternConfig", rule.1),
    ]
    .into_iter()
    .filter(|(_, _, value)| !value.is_empty())
    .map(|(field, config, value)| condition(field, config, value))
    .collect();
    Content::new(&json!({"conditions": conditions, "actions": [{"answer": rule.2}]}))
}

fn requests() -> Vec<Request> {
    ["a.test", "b.test", "c.test"]
        .into_iter()
        .flat_map(|host| ["/1", "/1/x", "/2", "/3"].map(|path| Request::get(host, path)))
        .collect()
}

/// The listener at one moment: conditions and answer by number.
type Listener = BTreeMap<i32, (Vec<Condition>, String)>;

fn answers(listener: &Listener) -> Vec<String> {
    let answer = |request: &Request| {
        let found = listener.values().find(|(conditions, _)| {
            let rule = ListenerRule { conditions: conditions.clone(), ..ListenerRule::default() };
            matches(&rule, request).is_ok()
        });
        found.map_or("default".to_owned(), |(_, answer)| answer.clone())
    };
    requests().iter().map(answer).collect()
}

fn entry(content: &Content) -> (Vec<Condition>, String) {
    (content.conditions.clone(), content.answer.clone())
}

/// What a replay has seen.
#[derive(Debug, Default)]
struct Replay {
    calls: Vec<&'static str>,
    wrong: Vec<String>,
    most: usize,
}

fn replay(old: &[(i32, Rule)], new: &[(i32, Rule)], room: usize) -> (Replay, Schedule) {
    let existing: Vec<Existing> =
        old.iter().map(|(n, rule)| Existing { priority: *n, content: content(*rule) }).collect();
    let desired: Vec<(i32, Content)> = new.iter().map(|(n, rule)| (*n, content(*rule))).collect();
    let numbered: Vec<_> = existing.iter().map(|e| (e.priority, &e.content)).collect();
    let pairs = pair(&numbered, &desired.iter().map(|(n, c)| (*n, c)).collect::<Vec<_>>());
    let wanted: Vec<Wanted> = desired
        .iter()
        .zip(pairs)
        .map(|((priority, content), from)| Wanted {
            priority: *priority,
            content: content.clone(),
            from,
            changed: from.is_some_and(|e| existing[e].content.all != content.all),
        })
        .collect();
    let first = schedule(&existing, &wanted, &Room { rules: room, ..Room::default() });
    let schedule = if first.creates.len() > room {
        let room = Room { deletes_first: true, ..Room::default() };
        schedule(&existing, &wanted, &room)
    } else {
        first
    };

    let mut listener: Listener = existing.iter().map(|e| (e.priority, entry(&e.content))).collect();
    let goal: Listener = wanted.iter().map(|w| (w.priority, entry(&w.content))).collect();
    let (before, after) = (answers(&listener), answers(&goal));
    let mut seen = Replay { most: listener.len(), ..Replay::default() };
    let mut call = |name: &'static str, listener: &Listener| {
        seen.calls.push(name);
        seen.most = seen.most.max(listener.len());
        for (i, answer) in answers(listener).into_iter().enumerate() {
            if answer != before[i] && answer != after[i] {
                seen.wrong.push(format!("{name}: {:?} gets {answer}", requests()[i]));
            }
        }
    };
    let mut number: BTreeMap<usize, i32> =
        existing.iter().map(|e| e.priority).enumerate().collect();
    let delete = |listener: &mut Listener, number: i32| assert!(listener.remove(&number).is_some());
    let modify = |listener: &mut Listener, w: usize, number: i32| {
        assert!(listener.insert(number, entry(&wanted[w].content)).is_some());
    };
    if schedule.deletes_first {
        for (_, at) in &schedule.deletes {
            delete(&mut listener, *at);
            call("delete", &listener);
        }
    }
    for &w in &schedule.before {
        modify(&mut listener, w, number[&schedule.from[w].unwrap()]);
        call("modify", &listener);
    }
    for &(w, at) in &schedule.creates {
        assert!(
            listener.insert(at, entry(&wanted[w].content)).is_none(),
            "priority {at} is in use"
        );
        call("create", &listener);
    }
    if !schedule.moves.is_empty() {
        let taken: Vec<_> =
            schedule.moves.iter().map(|m| (m.to, listener.remove(&m.from).unwrap())).collect();
        for (to, rule) in taken {
            assert!(listener.insert(to, rule).is_none(), "priority {to} is in use");
        }
        for step in &schedule.moves {
            if let Mover::Kept { existing, .. } = step.rule {
                number.insert(existing, step.to);
            }
        }
        call("reorder", &listener);
    }
    for &w in &schedule.after {
        modify(&mut listener, w, number[&schedule.from[w].unwrap()]);
        call("modify", &listener);
    }
    if !schedule.deletes_first {
        for (_, at) in &schedule.deletes {
            delete(&mut listener, *at);
            call("delete", &listener);
        }
    }
    assert_eq!(listener, goal);
    (seen, schedule)
}

fn numbered(rules: &[Rule]) -> Vec<(i32, Rule)> {
    rules.iter().enumerate().map(|(i, rule)| (i as i32 + 1, *rule)).collect()
}

fn check(old: &[Rule], new: &[Rule], calls: &[&str]) {
    let (replay, _) = replay(&numbered(old), &numbered(new), 100);
    assert_eq!(replay.calls, calls);
    assert_eq!(replay.wrong, Vec::<String>::new());
}

const A1: Rule = ("a.test", "/1", "one");
const A2: Rule = ("a.test", "/2", "two");
const ALL: Rule = ("*.test", "", "all");

#[test]
fn equal_lists_need_nothing() {
    check(&[A1, A2, ALL], &[A1, A2, ALL], &[]);
}

#[test]
fn a_rule_at_the_end_is_one_call_and_at_the_top_two() {
    check(&[A1, A2], &[A1, A2, ALL], &["create"]);
    check(&[A2, ALL], &[A1, A2, ALL], &["create", "reorder"]);
}

#[test]
fn swapped_rules_are_one_reorder() {
    check(&[A1, A2, ALL], &[A2, A1, ALL], &["reorder"]);
}

#[test]
fn a_removed_rule_is_passed_by_before_it_goes() {
    check(&[A1, A2, ALL], &[A1, ALL], &["reorder", "delete"]);
    check(&[A1, A2], &[A1], &["delete"]);
}

#[test]
fn other_backends_are_updates_in_place() {
    let changed = [("a.test", "/1", "uno"), ("a.test", "/2", "due"), ALL];
    check(&[A1, A2, ALL], &changed, &["modify", "modify"]);
}

#[test]
fn a_host_that_moves_between_rules_is_always_answered() {
    let old = [("a.test", "", "x"), ("b.test", "", "y")];
    let new = [("b.test", "", "x"), ("a.test", "", "y")];
    let (replay, _) = replay(&numbered(&old), &numbered(&new), 100);
    assert_eq!(replay.wrong, Vec::<String>::new());
}

#[test]
fn a_catch_all_never_answers_for_rules_that_go_with_it() {
    check(&[A1, A2, ALL], &[], &["delete", "delete", "delete"]);
}

#[test]
fn without_room_the_old_rules_go_first() {
    let new = [("b.test", "/3", "three"), ("c.test", "/3", "four")];
    let (replay, schedule) = replay(&numbered(&[A1, ALL]), &numbered(&new), 0);
    assert!(schedule.deletes_first);
    assert_eq!(replay.most, 2);
}

fn rules() -> impl Strategy<Value = Vec<(i32, Rule)>> {
    let host = prop::sample::select(vec!["a.test", "b.test", "*.test", ""]);
    let path = prop::sample::select(vec!["/1", "/1*", "/2", "/*"]);
    let answer = prop::sample::select(vec!["x", "y", "z", "u", "v"]);
    let rule = (host, path, answer);
    (prop::collection::vec(rule, 0..7), prop::sample::subsequence((1..13).collect::<Vec<i32>>(), 7))
        .prop_map(|(rules, numbers): (Vec<Rule>, Vec<i32>)| {
            numbers.into_iter().zip(rules).collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_request_is_answered_as_before_or_as_after((old, new) in (rules(), rules())) {
        let (replay, schedule) = replay(&old, &new, 100);
        prop_assert!(!schedule.deletes_first && schedule.exposed.is_empty());
        prop_assert_eq!(replay.wrong, Vec::<String>::new());
        prop_assert!(replay.calls.iter().filter(|call| **call == "reorder").count() <= 1);
    }

    #[test]
    fn the_room_is_kept_to((old, new) in (rules(), rules()), room in 0usize..3) {
        let limit = old.len() + room;
        let (replay, _) = replay(&old, &new, room);
        prop_assert!(replay.most <= limit.max(new.len()));
    }
}
