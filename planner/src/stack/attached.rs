//! Which target groups a load balancer uses: those can serve no other one.

use super::Planner;
use crate::live::{Live, LiveObject};
use crate::state::{Recorded, StackState, local_address};
use ingc_compiler::resource::{Address, Kind, Output};
use std::collections::BTreeSet;

impl Planner<'_, '_> {
    /// `type/id`s of the recorded target groups that a recorded load balancer uses: by what is
    /// recorded of its listeners and rules, and by what AWS has there, be it a run's that could not
    /// record it or somebody else's.
    pub(super) fn attached_to(&self, address: &Address, balancer: &Recorded) -> BTreeSet<String> {
        let Some(recorded) = self.recorded else { return BTreeSet::new() };
        let users = Users::of(recorded, &address.local());
        let mut found = recorded_groups(recorded, &users);
        if let Some(live) = self.cx.options.live {
            let texts = self.texts(live, &users, balancer);
            let groups = of_kind(recorded, Kind::TargetGroup).filter(|(_, group)| {
                let arn = group.outputs.get(Output::TargetGroupArn.name());
                arn.is_some_and(|arn| {
                    let literal = format!("\"{arn}\"");
                    texts.iter().any(|text| text.contains(&literal))
                })
            });
            found.extend(groups.map(|(local, _)| local.clone()));
        }
        found
    }

    /// Specs of all that leads requests on, on a load balancer, as AWS has them.
    fn texts<'l>(&self, live: &'l Live, users: &Users<'_>, balancer: &Recorded) -> Vec<&'l str> {
        let address = |local: &str| local_address(self.name, local);
        let all = users.listeners.iter().chain(&users.rules);
        let known = all.filter_map(|(local, _)| live.objects.get(&address(local)?)?.as_ref());
        let unknown = users.listeners.iter().filter_map(|(it, _)| live.rules.get(&address(it)?));
        let mut texts: Vec<&str> = known.map(|object| object.spec.as_str()).collect();
        texts.extend(unknown.flatten().map(|rule| rule.spec.as_str()));

        let of_kind = |kind: Kind| {
            let strays = live.strays.iter().filter(move |stray| stray.address.kind == kind);
            strays.map(|stray| &stray.object)
        };
        let leads_to = |object: &LiveObject, field: &str, arn: Option<&str>| {
            arn.is_some() && object.spec.value()[field].as_str() == arn
        };
        let arn = balancer.outputs.get(Output::LoadBalancerArn.name());
        let listeners: Vec<&LiveObject> = of_kind(Kind::Listener)
            .filter(|listener| leads_to(listener, "loadBalancerARN", arn))
            .collect();
        let rules = of_kind(Kind::ListenerRule).filter(|rule| {
            let name = Output::ListenerArn.name();
            let recorded = users.listeners.iter().map(|(_, listener)| &listener.outputs);
            let all = recorded.chain(listeners.iter().map(|listener| &listener.outputs));
            all.into_iter().any(|outputs| leads_to(rule, "listenerARN", outputs.get(name)))
        });
        texts.extend(rules.chain(listeners.iter().copied()).map(|object| object.spec.as_str()));
        texts
    }
}

type Entry<'s> = (&'s String, &'s Recorded);

/// The recorded listeners of a load balancer, and their rules.
struct Users<'s> {
    listeners: Vec<Entry<'s>>,
    rules: Vec<Entry<'s>>,
}

impl<'s> Users<'s> {
    fn of(recorded: &'s StackState, balancer: &str) -> Users<'s> {
        let uses =
            |object: &Recorded, local: &str| object.depends_on.iter().any(|(key, _)| key == local);
        let listeners: Vec<_> = of_kind(recorded, Kind::Listener)
            .filter(|(_, object)| uses(object, balancer))
            .collect();
        let rules = of_kind(recorded, Kind::ListenerRule)
            .filter(|(_, object)| listeners.iter().any(|(listener, _)| uses(object, listener)))
            .collect();
        Users { listeners, rules }
    }
}

fn of_kind(recorded: &StackState, kind: Kind) -> impl Iterator<Item = Entry<'_>> {
    let prefix = format!("{}/", kind.type_name());
    recorded.resources.iter().filter(move |(local, _)| local.starts_with(&prefix))
}

/// What is recorded of the target groups in use. One that an interrupted run has replaced already
/// serves nobody yet.
fn recorded_groups(recorded: &StackState, users: &Users<'_>) -> BTreeSet<String> {
    let group = format!("{}/", Kind::TargetGroup.type_name());
    let all = users.listeners.iter().chain(&users.rules);
    all.flat_map(|(_, object)| object.depends_on.iter())
        .filter(|(key, value)| {
            let now = recorded.resources.get(*key).filter(|_| key.starts_with(&group));
            now.is_some_and(|now| now.outputs.get(Output::TargetGroupArn.name()) == Some(value))
        })
        .map(|(key, _)| key.to_owned())
        .collect()
}
