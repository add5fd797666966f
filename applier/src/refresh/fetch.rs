//! Questions to AWS, as few as it takes: many objects in one where AWS allows it.

use crate::account::{Account, Call, CallError, Identity, Service};
use crate::error::Error;
use crate::kind::listener_rule::listener_of;
use crate::kind::{items, tags, text};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use ingc_compiler::resource::{Address, Kind, Output, Tags};
use ingc_planner::Recorded;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many objects AWS takes in one question.
const AT_ONCE: usize = 20;
/// Questions that are open at a time: an answer of AWS takes about a tenth of a second, and it takes
/// ten questions a second after a first burst of forty.
const QUESTIONS: usize = 16;

/// Asks an account.
pub(crate) struct Ask<'a, A> {
    account: &'a A,
}

/// What was found, by ARN or id.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(super) described: BTreeMap<String, Value>,
    /// Ours, the user's and those of others.
    pub(super) tags: BTreeMap<String, Tags>,
    /// Rules of each listener by priority, with the default rule.
    pub(super) rules_of: BTreeMap<String, Vec<Value>>,
}

impl Found {
    /// Takes what one question has answered.
    fn take(&mut self, (_, action, _, list, id): Question, answer: &Value) {
        for described in items(&answer[list]) {
            let name = text(&described[id]);
            if action == "DescribeSecurityGroups" {
                self.tags.insert(name.to_owned(), tags::read(&described["Tags"]));
            }
            self.described.insert(name.to_owned(), described.clone());
        }
    }
}

/// Asks several questions at a time, and gives the answers in their order. How fast AWS is asked is
/// its client's business.
pub(super) async fn at_once<T, F: Future<Output = Result<T, Error>>>(
    questions: impl Iterator<Item = F>,
) -> Result<Vec<T>, Error> {
    stream::iter(questions).buffered(QUESTIONS).try_collect().await
}

/// A question for many objects: action, parameter, list in the answer, name of its items' ids.
type Question =
    (fn(&'static str, Value) -> Call, &'static str, &'static str, &'static str, &'static str);

/// How rules are asked for without their listener.
const RULES: Question = (Call::elb, "DescribeRules", "RuleArns", "Rules", "RuleArn");

/// How the objects of a kind are asked for, and the output that is their id.
fn question(kind: Kind) -> Option<(Question, Output)> {
    Some(match kind {
        Kind::LoadBalancer => (
            (
                Call::elb,
                "DescribeLoadBalancers",
                "LoadBalancerArns",
                "LoadBalancers",
                "LoadBalancerArn",
            ),
            Output::LoadBalancerArn,
        ),
        Kind::TargetGroup => (
            (
                Call::elb,
                "DescribeTargetGroups",
                "TargetGroupArns",
                "TargetGroups",
                "TargetGroupArn",
            ),
            Output::TargetGroupArn,
        ),
        Kind::Listener => (
            (Call::elb, "DescribeListeners", "ListenerArns", "Listeners", "ListenerArn"),
            Output::ListenerArn,
        ),
        Kind::SecurityGroup => (
            (Call::ec2, "DescribeSecurityGroups", "GroupIds", "SecurityGroups", "GroupId"),
            Output::GroupId,
        ),
        _ => return None,
    })
}

impl<'a, A: Account> Ask<'a, A> {
    pub(crate) fn new(account: &'a A) -> Self {
        Ask { account }
    }

    /// Which account is asked.
    pub(super) fn identity(&self) -> Identity {
        self.account.identity()
    }

    /// Asks one question. None if what it is about does not exist.
    pub(crate) async fn one(&self, call: Call) -> Result<Option<Value>, Error> {
        match self.account.call(&call).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(refused(&call, error)),
        }
    }

    /// Describes all objects that can be asked for by the dozen.
    pub(super) async fn fetch<'o>(
        &self,
        objects: impl Iterator<Item = (&'o Address, &'o Recorded)>,
    ) -> Result<Found, Error> {
        let mut ids: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        let mut rules = BTreeSet::new();
        for (address, recorded) in objects {
            if address.kind == Kind::ListenerRule {
                rules.extend(recorded.outputs.get(Output::RuleArn.name()));
            }
            let id = question(address.kind).and_then(|(_, out)| recorded.outputs.get(out.name()));
            if let Some(id) = id {
                ids.entry(address.kind).or_default().insert(id.to_owned());
            }
        }
        let mut found = Found::default();
        for (kind, ids) in &ids {
            let Some((question, _)) = question(*kind) else { continue };
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let answers = at_once(ids.chunks(AT_ONCE).map(|ids| self.describe(question, ids)));
            for answer in answers.await?.iter().flatten() {
                found.take(question, answer);
            }
        }
        let listeners = ids.get(&Kind::Listener).into_iter().flatten();
        let listeners = listeners.filter(|listener| found.described.contains_key(*listener));
        let all = at_once(listeners.map(async |listener| {
            let call = Call::elb("DescribeRules", json!({"ListenerArn": listener}));
            let answer = self.one(call).await?.unwrap_or_default();
            Ok((listener.clone(), items(&answer["Rules"]).to_vec()))
        }));
        for (listener, rules) in all.await? {
            for rule in &rules {
                found.described.insert(text(&rule["RuleArn"]).to_owned(), rule.clone());
            }
            found.rules_of.insert(listener, rules);
        }
        // A listener tells of its rules; those of others are asked for by themselves.
        let none = BTreeSet::new();
        let listeners = ids.get(&Kind::Listener).unwrap_or(&none);
        rules.retain(|rule| !listeners.contains(&listener_of(rule)));
        let rules: Vec<&str> = rules.into_iter().collect();
        let answers = at_once(rules.chunks(AT_ONCE).map(|rules| self.describe(RULES, rules)));
        for answer in answers.await?.iter().flatten() {
            found.take(RULES, answer);
        }
        self.fetch_tags(&mut found).await?;
        Ok(found)
    }

    /// Describes up to a chunk of objects. AWS refuses the whole question for one that does not
    /// exist: then each is asked for by itself.
    async fn describe(&self, question: Question, ids: &[&str]) -> Result<Vec<Value>, Error> {
        let (call, action, parameter, ..) = question;
        let mut answers = vec![self.one(call(action, json!({parameter: ids}))).await?];
        if answers[0].is_none() && ids.len() > 1 {
            for one in ids {
                answers.push(self.one(call(action, json!({parameter: [one]}))).await?);
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }

    async fn fetch_tags(&self, found: &mut Found) -> Result<(), Error> {
        let arns: Vec<&str> = found
            .described
            .iter()
            .filter(|(id, it)| id.starts_with("arn:") && it["IsDefault"] != true)
            .map(|(id, _)| id.as_str())
            .collect();
        let answers = at_once(
            arns.chunks(AT_ONCE)
                .map(|arns| self.one(Call::elb("DescribeTags", json!({"ResourceArns": arns})))),
        );
        for answer in answers.await?.into_iter().flatten() {
            for described in items(&answer["TagDescriptions"]) {
                let tags = tags::read(&described["Tags"]);
                found.tags.insert(text(&described["ResourceArn"]).to_owned(), tags);
            }
        }
        Ok(())
    }

    /// The object of a binding. None if the account has no cluster to ask.
    pub(super) async fn binding(&self, call: Call) -> Result<Option<Option<Value>>, Error> {
        match self.account.call(&call).await {
            Ok(answer) => Ok(Some(Some(answer))),
            Err(error) if error.is_not_found() => Ok(Some(None)),
            Err(error) if call.service == Service::Kubernetes && error.is(&["NoCluster"]) => {
                Ok(None)
            }
            Err(error) => Err(refused(&call, error)),
        }
    }
}

fn refused(call: &Call, source: CallError) -> Error {
    Error::Refused { action: format!("{}:{}", call.service, call.action), source }
}
