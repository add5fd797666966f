//! Finds what `ingc bootstrap` asks for by its names: ours, or somebody else's.

use super::fetch::Ask;
use super::iam::{self, Seen};
use crate::account::{Account, Call, Service};
use crate::error::Error;
use crate::execute::applied;
use crate::kind::iam::provider;
use crate::kind::{literal, text};
use ingc_compiler::graph::Stack;
use ingc_compiler::resource::{Address, Kind, Output, Spec};
use ingc_compiler::tag::{self, BOOTSTRAP_STACK};
use ingc_planner::state::local_address;
use ingc_planner::{Live, State};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What exists under the names of a bootstrap.
#[derive(Debug, Default)]
pub struct Existing {
    /// What a plan may take up, and what the state holds.
    pub live: Live,
    /// Issuers and policies of somebody else, to be used as they are.
    pub foreign: BTreeMap<Address, Spec>,
    /// Names of roles that are asked for and are somebody else's: whose they seem to be.
    pub taken: BTreeMap<Address, String>,
    /// What must not be deleted, and why.
    pub spare: BTreeMap<Address, String>,
}

/// What EKS tells of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EksCluster {
    /// The issuer of the tokens of its pods.
    pub issuer: String,
    /// Its VPC.
    pub vpc_id: String,
}

/// Asks EKS for a cluster; none if there is no such cluster in the region.
///
/// # Errors
/// If EKS refuses the question.
pub async fn eks_cluster<A: Account>(account: &A, name: &str) -> Result<Option<EksCluster>, Error> {
    let call = Call::new(Service::Eks, "DescribeCluster", json!({"Name": name}));
    let Some(answer) = Ask::new(account).one(call).await? else { return Ok(None) };
    let cluster = &answer["cluster"];
    Ok(Some(EksCluster {
        issuer: text(&cluster["identity"]["oidc"]["issuer"]).to_owned(),
        vpc_id: text(&cluster["resourcesVpcConfig"]["vpcId"]).to_owned(),
    }))
}

/// Looks for all that is asked for or recorded.
///
/// # Errors
/// If IAM refuses a question.
pub async fn find_bootstrap<A: Account>(
    account: &A,
    desired: &Stack,
    state: &State,
) -> Result<Existing, Error> {
    let ask = Ask::new(account);
    let mut known: BTreeMap<Address, Value> = BTreeMap::new();
    for (address, resource) in &desired.resources {
        let spec = serde_json::to_value(&resource.spec).unwrap_or_default();
        known.insert(address.clone(), spec);
    }
    let recorded = state.stacks.get(BOOTSTRAP_STACK);
    let mut held = BTreeSet::new();
    for (local, entry) in recorded.into_iter().flat_map(|stack| &stack.resources) {
        if let Some(address) = local_address(BOOTSTRAP_STACK, local) {
            known.insert(address.clone(), applied(&address, entry));
            held.insert(address);
        }
    }
    let mut found = Existing::default();
    let mut seen: BTreeMap<Address, Seen> = BTreeMap::new();
    for (address, known) in &known {
        let Some(object) = iam::read(&ask, address).await? else {
            if held.contains(address) {
                found.live.objects.insert(address.clone(), None);
            }
            continue;
        };
        if is_ours(&state.cluster, address, &object) {
            found.live.objects.insert(address.clone(), Some(object.live(known)));
        } else if address.kind == Kind::Role {
            if desired.resources.contains_key(address) {
                found.taken.insert(address.clone(), owner(&object));
            } else {
                found.spare.insert(address.clone(), not_ours(&object));
            }
            continue;
        } else {
            let theirs = shared(&object.spec);
            let mut known = known.clone();
            known["shared"] = Value::Bool(true);
            known["thumbprints"] = Value::Null;
            found.live.objects.insert(address.clone(), Some(object.live(&known)));
            found.foreign.insert(address.clone(), theirs);
            found.spare.insert(address.clone(), not_ours(&object));
        }
        seen.insert(address.clone(), object);
    }
    let leaving = held.iter().filter(|address| !desired.resources.contains_key(*address));
    for address in leaving {
        let Some(object) = seen.get(address).filter(|_| !found.spare.contains_key(address)) else {
            continue;
        };
        if let Some(why) = others(&ask, address, object, &seen).await? {
            found.spare.insert(address.clone(), why);
        }
    }
    Ok(found)
}

/// True if the tags say that it is this cluster's, at this address.
fn is_ours(cluster: &str, address: &Address, object: &Seen) -> bool {
    let tracking = tag::tracking(cluster, address).unwrap_or_default();
    tracking.iter().all(|(key, value)| object.tags.get(key) == Some(value))
}

fn not_ours(object: &Seen) -> String {
    format!("it is not ours: {}", owner(object))
}

/// Whose an object is, as its tags tell.
fn owner(object: &Seen) -> String {
    match object.tags.get(tag::CLUSTER) {
        Some(cluster) => format!("its tags name the cluster `{cluster}`"),
        None => format!("it has no tag `{}`", tag::CLUSTER),
    }
}

/// A spec that is somebody else's.
fn shared(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    match &mut spec {
        Spec::OidcProvider(provider) => {
            provider.shared = true;
            provider.tags.clear();
        }
        Spec::ManagedPolicy(policy) => {
            policy.shared = true;
            policy.tags.clear();
        }
        _ => {}
    }
    spec
}

/// Who else uses something of ours.
async fn others<A: Account>(
    ask: &Ask<'_, A>,
    address: &Address,
    object: &Seen,
    seen: &BTreeMap<Address, Seen>,
) -> Result<Option<String>, Error> {
    let live = object.live(&Value::Null);
    match address.kind {
        Kind::OidcProvider => {
            let arn = live.outputs.get(Output::ProviderArn.name()).unwrap_or_default();
            let roles = ask.one(provider::list_roles()).await?.unwrap_or_default();
            let is_own =
                |name: &String| seen.keys().any(|own| own.kind == Kind::Role && own.id == *name);
            let users = provider::users(arn, &roles);
            let users: Vec<String> = users.into_iter().filter(|name| !is_own(name)).collect();
            Ok((!users.is_empty()).then(|| format!("other roles trust it: {}", users.join(", "))))
        }
        Kind::ManagedPolicy => {
            let arn = live.outputs.get(Output::PolicyArn.name()).unwrap_or_default();
            let own = seen.values().filter(|own| match &own.spec {
                Spec::Role(role) => role.managed_policies.iter().any(|it| literal(it) == arn),
                _ => false,
            });
            let more = object.attachments - own.count() as i64;
            Ok((more > 0).then(|| format!("{more} others have it attached")))
        }
        _ => Ok(None),
    }
}
