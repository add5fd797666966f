//! What AWS checks for a call: resources, conditions, and actions that go with it.

use super::Needs;
use ingc_compiler::resource::PolicyDocument;
use ingc_compiler::tag::CLUSTER;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where it is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The cluster's name, by whose tag resources are known.
    pub cluster: String,
    /// `aws`, `aws-cn` and so on.
    pub partition: String,
    /// Such as `eu-central-1`; empty if it is not known.
    pub region: String,
    /// Twelve digits; empty if they are not known.
    pub account: String,
    /// Such as `vpc-0a1b2c3d`; empty if it is not known.
    pub vpc_id: String,
    /// Where the state is kept on S3: bucket and prefix.
    pub state: Option<(String, String)>,
}

/// A question that IAM answers: may these actions be done to such a resource?
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Such as `ec2:CreateSecurityGroup`.
    pub actions: Vec<String>,
    /// A resource as it would be, or `*`.
    pub resource: String,
    /// Keys and values that the requests have.
    pub context: Vec<(String, String)>,
}

/// Operator, key and values.
type Condition = (&'static str, String, Vec<String>);

/// What an action is allowed on, and under which conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    conditions: BTreeSet<Condition>,
    resources: Vec<String>,
}

/// What an action is on, in the service authorization reference's words.
#[derive(Clone, Copy)]
enum On {
    /// Questions that know no resources.
    All,
    Balancers,
    Listeners,
    Rules,
    TargetGroups,
    /// Everything of Elastic Load Balancing that has tags.
    Tagged,
    SecurityGroups,
    Certificates,
    Protections,
    /// Web ACLs, and the load balancers that they are for.
    WebAcls,
    Policies,
    Providers,
    Roles,
}

/// Whose the resource must be.
#[derive(Clone, Copy)]
enum Whose {
    Anybodys,
    /// It carries the cluster's tag.
    Ours,
    /// It is made with the cluster's tag.
    OursToBe,
}

/// What AWS checks for the action of a call.
fn checked_for(action: &str) -> (On, Whose) {
    let (service, name) = action.split_once(':').unwrap_or_default();
    let is = |start: &str| name.starts_with(start);
    match service {
        "elasticloadbalancing" => match name {
            _ if is("Describe") => (On::All, Whose::Anybodys),
            "CreateLoadBalancer" => (On::Balancers, Whose::OursToBe),
            "CreateTargetGroup" => (On::TargetGroups, Whose::OursToBe),
            "CreateRule" => (On::Listeners, Whose::Ours),
            "AddTags" | "RemoveTags" => (On::Tagged, Whose::Ours),
            "ModifyRule" | "DeleteRule" | "SetRulePriorities" => (On::Rules, Whose::Ours),
            "CreateListener" => (On::Balancers, Whose::Ours),
            "SetWebACL" => (On::Balancers, Whose::Ours),
            _ if name.contains("Target") => (On::TargetGroups, Whose::Ours),
            _ if name.contains("Listener") => (On::Listeners, Whose::Ours),
            _ => (On::Balancers, Whose::Ours),
        },
        "ec2" if is("Describe") || is("Get") => (On::All, Whose::Anybodys),
        "ec2" if name == "CreateSecurityGroup" => (On::SecurityGroups, Whose::OursToBe),
        "ec2" => (On::SecurityGroups, Whose::Ours),
        "acm" if name == "RequestCertificate" => (On::All, Whose::OursToBe),
        "acm" if is("Describe") || is("List") => (On::Certificates, Whose::Anybodys),
        "acm" => (On::Certificates, Whose::Ours),
        "wafv2" => (On::WebAcls, Whose::Anybodys),
        "shield" if is("Describe") => (On::All, Whose::Anybodys),
        "shield" => (On::Protections, Whose::Anybodys),
        "iam" if name == "ListRoles" => (On::All, Whose::Anybodys),
        "iam" if name.contains("OpenIDConnectProvider") => (On::Providers, Whose::Anybodys),
        "iam" if name.contains("Role") => (On::Roles, Whose::Anybodys),
        "iam" => (On::Policies, Whose::Anybodys),
        _ => (On::All, Whose::Anybodys),
    }
}

/// What the service looks up with the caller's permissions for some of its calls.
const OF_A_NETWORK: &[&str] = &[
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:GetSecurityGroupsForVpc",
];

/// Actions that AWS checks with a call beside its own, on the resources that are theirs.
fn go_with(action: &str) -> &'static [&'static str] {
    match action {
        "elasticloadbalancing:CreateLoadBalancer"
        | "elasticloadbalancing:SetSecurityGroups"
        | "elasticloadbalancing:SetSubnets" => OF_A_NETWORK,
        "elasticloadbalancing:CreateTargetGroup" => &["ec2:DescribeVpcs"],
        "wafv2:AssociateWebACL" | "wafv2:DisassociateWebACL" => &["elasticloadbalancing:SetWebACL"],
        "wafv2:GetWebACLForResource" => &["wafv2:GetWebACL"],
        "iam:CreateOpenIDConnectProvider" => &["iam:TagOpenIDConnectProvider"],
        "iam:CreatePolicy" => &["iam:TagPolicy"],
        "iam:CreateRole" => &["iam:TagRole"],
        _ => &[],
    }
}

/// Who makes its own role when the first load balancer of an account is made.
const ELB: &str = "elasticloadbalancing.amazonaws.com";

impl Place {
    fn resources(&self, on: On) -> Vec<String> {
        let or_any = |text: &str| if text.is_empty() { "*".to_owned() } else { text.to_owned() };
        let (region, account) = (or_any(&self.region), or_any(&self.account));
        let of = |service: &str, region: &str, resource: &str| {
            format!("arn:{}:{service}:{region}:{account}:{resource}", self.partition)
        };
        let here = |service: &str, all: &[&str]| -> Vec<String> {
            all.iter().map(|resource| of(service, &region, resource)).collect()
        };
        let elb = |all: &[&str]| here("elasticloadbalancing", all);
        match on {
            On::All => vec!["*".to_owned()],
            On::Balancers => elb(&["loadbalancer/app/*", "loadbalancer/net/*"]),
            On::Listeners => elb(&["listener/app/*", "listener/net/*"]),
            On::Rules => elb(&["listener-rule/app/*"]),
            On::TargetGroups => elb(&["targetgroup/*"]),
            On::Tagged => elb(&[
                "listener-rule/app/*",
                "listener/app/*",
                "listener/net/*",
                "loadbalancer/app/*",
                "loadbalancer/net/*",
                "targetgroup/*",
            ]),
            On::SecurityGroups => here("ec2", &["security-group/*"]),
            On::Certificates => here("acm", &["certificate/*"]),
            On::Protections => vec![of("shield", "", "protection/*")],
            On::WebAcls => {
                let mut all = elb(&["loadbalancer/app/*"]);
                all.extend(here("wafv2", &["regional/webacl/*"]));
                all
            }
            On::Policies => vec![of("iam", "", "policy/*")],
            On::Providers => vec![of("iam", "", "oidc-provider/*")],
            On::Roles => vec![of("iam", "", "role/*")],
        }
    }

    fn grant(&self, on: On, whose: Whose) -> Grant {
        let tag = |key: &str| ("StringEquals", key.to_owned(), vec![self.cluster.clone()]);
        let conditions = match whose {
            Whose::Anybodys => BTreeSet::new(),
            Whose::Ours => [tag(&format!("aws:ResourceTag/{CLUSTER}"))].into(),
            Whose::OursToBe => [tag(&format!("aws:RequestTag/{CLUSTER}"))].into(),
        };
        Grant { conditions, resources: self.resources(on) }
    }

    /// The grant of tags that are given at creation.
    fn at_creation(&self, key: &str, creations: &[&str], on: On) -> Grant {
        let mut grant = self.grant(on, Whose::OursToBe);
        let names = creations.iter().map(|name| (*name).to_owned()).collect();
        grant.conditions.insert(("StringEquals", key.to_owned(), names));
        grant
    }
}

/// Every action with what it is granted on.
fn grants(needs: &Needs, place: &Place) -> BTreeSet<(Grant, String)> {
    let mut grants = BTreeSet::new();
    let mut add = |action: &str, grant: Grant| {
        grants.insert((grant, action.to_owned()));
    };
    for action in &needs.calls {
        for action in std::iter::once(action).chain(go_with(action)) {
            let (on, whose) = checked_for(action);
            add(action, place.grant(on, whose));
        }
    }
    let makes = |(name, _): &(&str, On)| {
        needs.calls.contains(format!("elasticloadbalancing:{name}").as_str())
    };
    let creations = [
        ("CreateListener", On::Listeners),
        ("CreateLoadBalancer", On::Balancers),
        ("CreateRule", On::Rules),
        ("CreateTargetGroup", On::TargetGroups),
    ];
    let made: Vec<(&str, On)> = creations.into_iter().filter(makes).collect();
    let names: Vec<&str> = made.iter().map(|(name, _)| *name).collect();
    for (_, on) in &made {
        let grant = place.at_creation("elasticloadbalancing:CreateAction", &names, *on);
        add("elasticloadbalancing:AddTags", grant);
    }
    if needs.calls.contains("elasticloadbalancing:CreateLoadBalancer") {
        let role = "role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing";
        let named = ("StringEquals", "iam:AWSServiceName".to_owned(), vec![ELB.to_owned()]);
        let resources = vec![format!("arn:{}:iam::*:{role}", place.partition)];
        add("iam:CreateServiceLinkedRole", Grant { conditions: [named].into(), resources });
    }
    if needs.calls.contains("ec2:CreateSecurityGroup") {
        let on = On::SecurityGroups;
        let tags = place.at_creation("ec2:CreateAction", &["CreateSecurityGroup"], on);
        add("ec2:CreateTags", tags);
        let vpc = if place.vpc_id.is_empty() { "*" } else { &place.vpc_id };
        let vpc = place.resources(on)[0].replace("security-group/*", &format!("vpc/{vpc}"));
        add("ec2:CreateSecurityGroup", Grant { conditions: BTreeSet::new(), resources: vec![vpc] });
    }
    if needs.calls.contains("acm:RequestCertificate") {
        add("acm:AddTagsToCertificate", place.grant(On::Certificates, Whose::OursToBe));
    }
    if needs.uses_cognito {
        let pools = place.resources(On::Certificates)[0]
            .replace(":acm:", ":cognito-idp:")
            .replace("certificate/", "userpool/");
        let grant = Grant { conditions: BTreeSet::new(), resources: vec![pools] };
        add("cognito-idp:DescribeUserPoolClient", grant);
    }
    if let Some((bucket, prefix)) = &place.state {
        let bucket = format!("arn:{}:s3:::{bucket}", place.partition);
        let objects = vec![format!("{bucket}/{prefix}*")];
        for action in ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"] {
            add(action, Grant { conditions: BTreeSet::new(), resources: objects.clone() });
        }
        let below = ("StringLike", "s3:prefix".to_owned(), vec![format!("{prefix}*")]);
        let conditions = if prefix.is_empty() { BTreeSet::new() } else { [below].into() };
        add("s3:ListBucket", Grant { conditions, resources: vec![bucket] });
    }
    grants
}

/// The document that allows it, and nothing else. Actions of a service under the same conditions
/// share a statement, since each is good for resources of its own kind only: IAM counts characters.
pub(super) fn document(needs: &Needs, place: &Place) -> PolicyDocument {
    type Key = (String, bool, BTreeSet<Condition>);
    let mut all: BTreeMap<Key, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (grant, action) in grants(needs, place) {
        let any = grant.resources == ["*"];
        // What is good for everything is one list, whoever answers.
        let service = action.split(':').next().filter(|_| !any || !grant.conditions.is_empty());
        let key = (service.unwrap_or_default().to_owned(), any, grant.conditions);
        let (actions, resources) = all.entry(key).or_default();
        actions.insert(action);
        resources.extend(grant.resources);
    }
    let statements: Vec<Value> = all
        .into_iter()
        .map(|((_, _, conditions), (actions, resources))| {
            let mut statement =
                json!({"Action": actions, "Effect": "Allow", "Resource": resources});
            for (operator, key, values) in conditions {
                statement["Condition"][operator][key] = json!(values);
            }
            statement
        })
        .collect();
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": statements}))
}

/// A resource as it would be, for a pattern.
fn example(pattern: &str) -> String {
    if pattern == "*" { pattern.to_owned() } else { pattern.replace('*', "ingc/0123456789abcdef") }
}

/// Actions that are granted alike, together.
fn grouped(needs: &Needs, place: &Place) -> BTreeMap<Grant, BTreeSet<String>> {
    let mut groups: BTreeMap<Grant, BTreeSet<String>> = BTreeMap::new();
    // The role is there in every account that has had a load balancer.
    let asked = |(_, action): &(Grant, String)| action != "iam:CreateServiceLinkedRole";
    for (grant, action) in grants(needs, place).into_iter().filter(asked) {
        groups.entry(grant).or_default().insert(action);
    }
    groups
}

/// What IAM can be asked.
pub(super) fn checked(needs: &Needs, place: &Place) -> Vec<Checked> {
    let groups = grouped(needs, place);
    let asked = groups.into_iter().map(|(grant, actions)| Checked {
        actions: actions.into_iter().collect(),
        resource: grant.resources.first().map(|it| example(it)).unwrap_or_default(),
        context: grant
            .conditions
            .into_iter()
            .filter_map(|(_, key, values)| Some((key, values.into_iter().next()?)))
            .collect(),
    });
    asked.collect()
}
