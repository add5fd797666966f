//! Listeners, with their attributes and certificates.

use super::part::{Parts, Wanted};
use super::{actions, attributes, items, literal, output, tags, text};
use crate::account::{Account, Call};
use crate::attribute::of_listener;
use crate::execute::{Failure, Hand};
use ingc_compiler::resource::{Listener, MutualAuthentication, Output};
use ingc_planner::state::Pairs;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) async fn create<A: Account>(
    hand: &mut Hand<'_, A>,
    spec: &Listener,
) -> Result<(), Failure> {
    let wanted = tags::wanted(hand.cluster, hand.identity, &spec.tags);
    let balancer = literal(&spec.load_balancer_arn);
    let mut params = json!({
        "LoadBalancerArn": balancer,
        "Port": spec.port,
        "Protocol": spec.protocol,
        "DefaultActions": actions::to_aws(&spec.default_actions),
        "Tags": tags::listed(&wanted),
    });
    if let Some(policy) = &spec.ssl_policy {
        params["SslPolicy"] = json!(policy);
    }
    if let Some(default) = default_certificate(spec) {
        params["Certificates"] = json!([{"CertificateArn": default}]);
    }
    if let Some(mutual) = &spec.mutual_authentication {
        params["MutualAuthentication"] = mutual_authentication(mutual);
    }
    let (made, again) = match hand.call(Call::elb("CreateListener", params)).await {
        Err(failure) if failure.is(&["DuplicateListener"]) => {
            let all = json!({"LoadBalancerArn": balancer});
            let all = hand.call(Call::elb("DescribeListeners", all)).await?;
            let there = items(&all["Listeners"]).iter().find(|l| l["Port"] == spec.port);
            (there.cloned().ok_or(failure)?, true)
        }
        other => (other?["Listeners"][0].clone(), false),
    };
    let outputs = outputs(&made);
    let arn = output(hand, &outputs, Output::ListenerArn.name())?.to_owned();
    let what = format!("a listener on port {}", spec.port);
    hand.check_new(&arn, &what)?;
    let has = tags::of_elb(hand, &arn).await?;
    tags::check_ours(hand, &what, &has)?;
    let fields = if !again && has == wanted {
        Wanted::of(&["certificates", "listenerAttributes"].map(str::to_owned))
    } else {
        Wanted::all(Listener::FIELDS)
    };
    // What stands in the creation need not be sent again.
    let base = Listener { attributes: Vec::new(), tags: spec.tags.clone(), ..spec.clone() };
    let before = if again { None } else { Some(&base) };
    let parts = parts(hand, before, spec, &fields, &arn).await?;
    hand.record(&outputs, &parts.unfinished())?;
    parts.carry_out(hand, &outputs).await
}

pub(super) async fn update<A: Account>(
    hand: &mut Hand<'_, A>,
    before: &Listener,
    after: &Listener,
    wanted: &Wanted,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::ListenerArn.name())?.to_owned();
    let parts = parts(hand, Some(before), after, wanted, &arn).await?;
    parts.carry_out(hand, outputs).await
}

/// The calls that bring the wanted fields to what they shall be. Certificates for server names
/// are added before the default one changes and removed after it, so that no name is without one.
async fn parts<A: Account>(
    hand: &mut Hand<'_, A>,
    before: Option<&Listener>,
    after: &Listener,
    wanted: &Wanted,
    arn: &str,
) -> Result<Parts, Failure> {
    let mut parts = Parts::new();
    let becomes_tls = after.protocol == "HTTPS" && before.is_some_and(|b| b.protocol != "HTTPS");
    let certificates = wanted.has("certificates") && after.protocol == "HTTPS";
    let (mut add, mut remove, mut default_differs) = (Vec::new(), Vec::new(), false);
    if certificates {
        let listed = hand
            .call(Call::elb("DescribeListenerCertificates", json!({"ListenerArn": arn})))
            .await?;
        let (default, named): (Vec<_>, Vec<_>) =
            items(&listed["Certificates"]).iter().partition(|it| it["IsDefault"] == true);
        default_differs =
            default.first().map(|it| text(&it["CertificateArn"])) != default_certificate(after);
        let has: BTreeSet<&str> = named.iter().map(|it| text(&it["CertificateArn"])).collect();
        // The default certificate is listed for its names as well, so that it goes on serving
        // them when another one becomes the default.
        let shall: BTreeSet<&str> =
            after.certificates.iter().map(|it| literal(&it.certificate_arn)).collect();
        let list = |arns: Vec<&&str>| -> Vec<Value> {
            arns.into_iter().map(|arn| json!({"CertificateArn": arn})).collect()
        };
        add = list(shall.difference(&has).collect());
        remove = list(has.difference(&shall).collect());
    }
    let mut push_add = |parts: &mut Parts| {
        if !add.is_empty() {
            let params = json!({"ListenerArn": arn, "Certificates": std::mem::take(&mut add)});
            parts.push(&["certificates"], Call::elb("AddListenerCertificates", params));
        }
    };
    if !becomes_tls {
        push_add(&mut parts);
    }
    modify(&mut parts, before, after, wanted, arn, default_differs, becomes_tls);
    push_add(&mut parts);
    if !remove.is_empty() {
        let params = json!({"ListenerArn": arn, "Certificates": remove});
        parts.push(&["certificates"], Call::elb("RemoveListenerCertificates", params));
    }
    if wanted.has("listenerAttributes") {
        let known = of_listener(&after.protocol);
        let before = before.map(settings).unwrap_or_default();
        if let Some(list) = attributes::to_send(&known, &before, &settings(after)) {
            let params = json!({"ListenerArn": arn, "Attributes": list});
            parts.push(&["listenerAttributes"], Call::elb("ModifyListenerAttributes", params));
        }
    }
    if wanted.has("tags") {
        let before = before.map(|before| before.tags.clone()).unwrap_or_default();
        tags::change_elb(hand, &mut parts, arn, &before, &after.tags).await?;
    }
    Ok(parts)
}

/// Adds the one ModifyListener that sends all that it can.
fn modify(
    parts: &mut Parts,
    before: Option<&Listener>,
    after: &Listener,
    wanted: &Wanted,
    arn: &str,
    default_differs: bool,
    becomes_tls: bool,
) {
    let mut params = json!({"ListenerArn": arn});
    let mut fields = Vec::new();
    let mut set = |field: &'static str, name: &str, value: Value| {
        params[name] = value;
        fields.push(field);
    };
    if wanted.has("port") {
        set("port", "Port", json!(after.port));
    }
    if wanted.has("protocol") {
        set("protocol", "Protocol", json!(after.protocol));
    }
    if wanted.has("defaultActions") {
        set("defaultActions", "DefaultActions", actions::to_aws(&after.default_actions));
    }
    if after.protocol == "HTTPS" {
        if (default_differs || becomes_tls)
            && let Some(default) = default_certificate(after)
        {
            set("certificates", "Certificates", json!([{"CertificateArn": default}]));
        }
        if (wanted.has("sslPolicy") || becomes_tls)
            && let Some(policy) = &after.ssl_policy
        {
            set("sslPolicy", "SslPolicy", json!(policy));
        }
        if wanted.has("mutualAuthentication") {
            let had = before.is_some_and(|before| before.mutual_authentication.is_some());
            match &after.mutual_authentication {
                Some(mutual) => {
                    set(
                        "mutualAuthentication",
                        "MutualAuthentication",
                        mutual_authentication(mutual),
                    );
                }
                None if had => {
                    set("mutualAuthentication", "MutualAuthentication", json!({"Mode": "off"}));
                }
                None => {}
            }
        }
    }
    if !fields.is_empty() {
        parts.push(&fields, Call::elb("ModifyListener", params));
    }
}

pub(super) async fn delete<A: Account>(
    hand: &mut Hand<'_, A>,
    outputs: &Pairs,
) -> Result<(), Failure> {
    let arn = output(hand, outputs, Output::ListenerArn.name())?;
    hand.call(Call::elb("DeleteListener", json!({"ListenerArn": arn}))).await.map(drop)
}

/// What a creation answers, and a description.
pub(crate) fn outputs(described: &Value) -> Pairs {
    let arn = described["ListenerArn"].as_str();
    arn.map(|arn| (Output::ListenerArn.name(), arn)).into_iter().collect()
}

/// Attributes by key.
pub(super) fn settings(listener: &Listener) -> attributes::Settings {
    let all = listener.attributes.iter();
    all.map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect()
}

fn default_certificate(listener: &Listener) -> Option<&str> {
    listener.certificates.first().map(|it| literal(&it.certificate_arn))
}

fn mutual_authentication(mutual: &MutualAuthentication) -> Value {
    let mut params = json!({"Mode": mutual.mode});
    if let Some(store) = mutual.trust_store_arn.as_ref().filter(|arn| !arn.is_empty()) {
        params["TrustStoreArn"] = json!(store);
    }
    if mutual.mode == "verify" {
        if let Some(ignore) = mutual.ignore_client_certificate_expiry {
            params["IgnoreClientCertificateExpiry"] = json!(ignore);
        }
        // AWS's default is said as well, as the controller does.
        let advertise = mutual.advertise_trust_store_ca_names.as_deref().unwrap_or("off");
        params["AdvertiseTrustStoreCaNames"] = json!(advertise);
    }
    params
}
