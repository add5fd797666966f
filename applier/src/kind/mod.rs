//! What AWS is asked for each kind of resource: one file per kind.
//!
//! Every kind can be made, changed, deleted and read. Making finds again what an interrupted run
//! has made; changing sends what differs and nothing else; deleting is content with what is gone.

mod actions;
pub(crate) mod attributes;
pub(crate) mod certificate;
mod conditions;
mod frontend_nlb;
pub(crate) mod iam;
pub(crate) mod listener;
pub(crate) mod listener_live;
pub(crate) mod listener_rule;
pub(crate) mod load_balancer;
mod part;
mod protection;
pub(crate) mod security_group;
pub(crate) mod tags;
pub(crate) mod target_group;
pub(crate) mod target_group_binding;
mod web_acl;

pub(crate) use part::Wanted;

use crate::account::Account;
use crate::execute::{Failure, Hand};
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::{Kind, Token};
use ingc_planner::state::Pairs;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Makes a resource and records it.
pub(crate) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Value,
) -> Result<(), Failure> {
    match hand.address.kind {
        Kind::Certificate => certificate::create(hand, &typed(hand, spec)?).await,
        Kind::SecurityGroup => security_group::create(hand, &typed(hand, spec)?).await,
        Kind::Listener => listener::create(hand, &typed(hand, spec)?).await,
        Kind::ListenerRule => listener_rule::create(hand, &typed(hand, spec)?).await,
        Kind::LoadBalancer => load_balancer::create(hand, &typed(hand, spec)?).await,
        Kind::TargetGroup => target_group::create(hand, &typed(hand, spec)?).await,
        Kind::ManagedPolicy => iam::policy::create(hand, &typed(hand, spec)?).await,
        Kind::OidcProvider => iam::provider::create(hand, &typed(hand, spec)?).await,
        Kind::Role => iam::role::create(hand, &typed(hand, spec)?).await,
        Kind::Protection => protection::create(hand, &typed(hand, spec)?).await,
        Kind::WafRegionalWebAclAssociation => {
            web_acl::create_classic(hand, &typed(hand, spec)?).await
        }
        Kind::WebAclAssociation => web_acl::create(hand, &typed(hand, spec)?).await,
        Kind::FrontendNlbTargetGroups => frontend_nlb::create(hand, &typed(hand, spec)?).await,
        Kind::TargetGroupBinding => target_group_binding::create(hand, &typed(hand, spec)?).await,
    }
}

/// Changes fields of a resource in place and records it.
pub(crate) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &Value,
    after: &Value,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    macro_rules! update {
        ($kind:ident) => {
            update!(self::$kind::update)
        };
        ($update:path) => {{
            let (before, after) = (typed(hand, before)?, typed(hand, after)?);
            $update(hand, &before, &after, wanted, outputs).await
        }};
    }
    match hand.address.kind {
        Kind::Certificate => update!(certificate),
        Kind::SecurityGroup => update!(security_group),
        Kind::Listener => update!(listener),
        Kind::ListenerRule => update!(listener_rule),
        Kind::LoadBalancer => update!(load_balancer),
        Kind::TargetGroup => update!(target_group),
        Kind::ManagedPolicy => update!(iam::policy::update),
        Kind::OidcProvider => update!(iam::provider::update),
        Kind::Role => update!(iam::role::update),
        Kind::Protection => protection::create(hand, &typed(hand, after)?).await,
        Kind::WafRegionalWebAclAssociation => {
            web_acl::create_classic(hand, &typed(hand, after)?).await
        }
        Kind::WebAclAssociation => web_acl::create(hand, &typed(hand, after)?).await,
        Kind::FrontendNlbTargetGroups => update!(frontend_nlb),
        Kind::TargetGroupBinding => update!(target_group_binding),
    }
}

/// Deletes a resource; it is well if it is gone already.
pub(crate) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Value,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let deleted = match hand.address.kind {
        Kind::Certificate => certificate::delete(hand, outputs).await,
        Kind::SecurityGroup => security_group::delete(hand, outputs).await,
        Kind::Listener => listener::delete(hand, outputs).await,
        Kind::ListenerRule => listener_rule::delete(hand, outputs).await,
        Kind::LoadBalancer => load_balancer::delete(hand, outputs).await,
        Kind::TargetGroup => target_group::delete(hand, outputs).await,
        Kind::ManagedPolicy => iam::policy::delete(hand, &typed(hand, spec)?).await,
        Kind::OidcProvider => iam::provider::delete(hand, &typed(hand, spec)?).await,
        Kind::Role => iam::role::delete(hand, &typed(hand, spec)?).await,
        Kind::Protection => protection::delete(hand, &typed(hand, spec)?).await,
        Kind::WafRegionalWebAclAssociation => Ok(()),
        Kind::WebAclAssociation => web_acl::delete(hand, &typed(hand, spec)?).await,
        Kind::FrontendNlbTargetGroups => frontend_nlb::delete(hand, &typed(hand, spec)?).await,
        Kind::TargetGroupBinding => target_group_binding::delete(hand, &typed(hand, spec)?).await,
    };
    match deleted {
        Err(failure) if failure.is_not_found() => Ok(()),
        other => other,
    }
}

/// Reads a spec as its kind's type.
fn typed<A: Account, T: DeserializeOwned>(hand: &Hand<'_, A>, spec: &Value) -> Result<T, Failure> {
    T::deserialize(spec).map_err(|error| {
        hand.failure(
            &code::STATE_FILE,
            format!("the recorded spec cannot be read: {error}"),
            "restore the state from its backup, the file beside it that ends with `.backup`",
        )
    })
}

/// An output that every object of the kind has.
fn output<'o, A: Account>(
    hand: &Hand<'_, A>,
    outputs: &'o Pairs,
    name: &str,
) -> Result<&'o str, Failure> {
    outputs.get(name).ok_or_else(|| {
        hand.failure(
            &code::STATE_FILE,
            format!("the state does not know its `{name}`"),
            "restore the state from its backup, the file beside it that ends with `.backup`",
        )
    })
}

/// The text of a reference that was resolved.
pub(crate) fn literal(token: &Token) -> &str {
    match token {
        Token::Literal(text) => text,
        Token::Ref(_) => "",
    }
}

/// A text of an answer; empty if AWS left it out.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a list of an answer.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
