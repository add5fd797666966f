//! Tags: ours and the user's on everything that can have them.

use super::part::Parts;
use super::{items, text};
use crate::account::{Account, Call};
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{Address, Kind, Tags};
use ingc_compiler::tag;
use serde_json::{Value, json};

/// All tags that a resource shall have: the user's and those by which it is known to be ours.
pub(crate) fn wanted(cluster: &str, address: &Address, user: &Tags) -> Tags {
    let mut tags = user.clone();
    tags.extend(tag::tracking(cluster, address).unwrap_or_default());
    tags
}

/// Tags as calls take them.
pub(super) fn listed(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Tags as answers give them.
pub(crate) fn read(list: &Value) -> Tags {
    items(list)
        .iter()
        .map(|tag| (text(&tag["Key"]).to_owned(), text(&tag["Value"]).to_owned()))
        .collect()
}

/// The user's tags among those that a resource has.
pub(crate) fn of_user(mut tags: Tags) -> Tags {
    tags.retain(|key, _| !is_ours(key) && !key.starts_with("aws:"));
    tags
}

/// The tags by which a resource is known to be ours, among those that it has.
pub(crate) fn tracking(has: &Tags) -> Tags {
    has.iter().filter(|(key, _)| is_ours(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// True for the keys by which a resource is known to be ours.
pub(crate) fn is_ours(key: &str) -> bool {
    [tag::CLUSTER, tag::STACK, tag::RESOURCE, tag::CLUSTER_RESOURCE].contains(&key)
}

/// What is to be done to tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TagChange {
    /// To add or to overwrite.
    pub(crate) add: Tags,
    /// To take away.
    pub(crate) remove: Vec<String>,
}

impl TagChange {
    /// From what a resource has to what it shall have. Only tags that were ours before are taken
    /// away: others may manage some of their own.
    pub(crate) fn new(address: &Address, has: &Tags, before: &Tags, wanted: &Tags) -> TagChange {
        // A rule keeps the tag that it was made with, however often it moves, until a plan renews it.
        let keeps = |key: &str| {
            address.kind == Kind::ListenerRule && key == tag::RESOURCE && !before.contains_key(key)
        };
        let add = wanted.iter().filter(|(key, value)| has.get(*key) != Some(value) && !keeps(key));
        let remove =
            before.keys().filter(|key| !wanted.contains_key(*key) && has.contains_key(*key));
        TagChange {
            add: add.map(|(key, value)| (key.clone(), value.clone())).collect(),
            remove: remove.cloned().collect(),
        }
    }
}

/// The tags of a resource of Elastic Load Balancing.
pub(super) async fn of_elb<A: Account>(hand: &mut Hand<'_, A>, arn: &str) -> Result<Tags, Failure> {
    let answer = hand.call(Call::elb("DescribeTags", json!({"ResourceArns": [arn]}))).await?;
    Ok(read(&answer["TagDescriptions"][0]["Tags"]))
}

/// Adds the calls that change the tags of a resource of Elastic Load Balancing.
pub(super) async fn change_elb<A: Account>(
    hand: &mut Hand<'_, A>,
    parts: &mut Parts,
    arn: &str,
    before: &Tags,
    after: &Tags,
) -> Result<(), Failure> {
    let has = of_elb(hand, arn).await?;
    let wanted = wanted(hand.cluster, hand.identity, after);
    let change = TagChange::new(hand.address, &has, before, &wanted);
    if !change.add.is_empty() {
        let params = json!({"ResourceArns": [arn], "Tags": listed(&change.add)});
        parts.push(&["tags"], Call::elb("AddTags", params));
    }
    if !change.remove.is_empty() {
        let params = json!({"ResourceArns": [arn], "TagKeys": change.remove});
        parts.push(&["tags"], Call::elb("RemoveTags", params));
    }
    Ok(())
}

/// Refuses an object that carries somebody else's tags, or none: a name is no identity. What is
/// ours and carries other tags than a fresh one was made by an earlier run.
pub(super) fn check_ours<A: Account>(
    hand: &Hand<'_, A>,
    what: &str,
    has: &Tags,
) -> Result<(), Failure> {
    let tracking = tag::tracking(hand.cluster, hand.identity).unwrap_or_default();
    if tracking.iter().all(|(key, value)| has.get(key) == Some(value)) {
        return Ok(());
    }
    let owner = match (has.get(tag::CLUSTER), has.get(tag::STACK)) {
        (Some(cluster), Some(stack)) => {
            format!("it belongs to stack `{stack}` of cluster `{cluster}`")
        }
        (Some(cluster), None) => format!("it belongs to cluster `{cluster}`"),
        _ => "it does not carry the tags of this resource".to_owned(),
    };
    Err(hand.failure(
        &code::NOT_OURS,
        format!("{what} exists already and is not ours: {owner}"),
        "rename one of the two, or delete the other one if nobody needs it; then run the same command again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn only_what_differs_is_sent_and_only_what_was_ours_is_taken_away() {
        let address = Address::new("shop/web", Kind::TargetGroup, "x");
        let change = TagChange::new(
            &address,
            &tags(&[("a", "1"), ("b", "2"), ("c", "3"), ("theirs", "x")]),
            &tags(&[("a", "1"), ("b", "0"), ("c", "3"), ("gone", "y")]),
            &tags(&[("a", "1"), ("b", "9"), ("d", "4")]),
        );
        let add = tags(&[("b", "9"), ("d", "4")]);
        assert_eq!(change, TagChange { add, remove: vec!["c".to_owned()] });
    }

    #[test]
    fn a_rule_keeps_the_resource_tag_that_it_was_made_with() {
        let has = tags(&[(tag::RESOURCE, "80:3")]);
        let wanted = tags(&[(tag::RESOURCE, "80:4")]);
        for (kind, changes) in [(Kind::ListenerRule, 0), (Kind::Listener, 1)] {
            let address = Address::new("shop/web", kind, "80:4");
            let change = TagChange::new(&address, &has, &Tags::new(), &wanted);
            assert_eq!(change.add.len(), changes);
        }
    }

    #[test]
    fn the_users_tags_are_those_that_are_neither_ours_nor_awss() {
        let all = tags(&[
            (tag::CLUSTER, "c"),
            (tag::RESOURCE, "r"),
            ("aws:cloudformation:x", "y"),
            ("team", "shop"),
        ]);
        assert_eq!(of_user(all), tags(&[("team", "shop")]));
    }
}
