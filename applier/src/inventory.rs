//! Writes down what an account has and what is not ours: the facts that compiling needs, as the
//! inventory file lists them.

use crate::account::{Account, Call, CallError, Service};
use crate::error::Error;
use crate::kind::{items, tags, text};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use ingc_compiler::resource::Tags;
use ingc_compiler::tag;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many load balancers AWS tells the tags of at once.
const AT_ONCE: usize = 20;

/// A load balancer needs this many free addresses in a subnet. How many there are is only written
/// down where they are fewer: the number changes all day long.
const ENOUGH_ADDRESSES: i64 = 8;

/// An inventory as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulled {
    /// The document.
    pub document: Value,
    /// Questions that AWS refuses to these credentials, as `service:Action`. What they ask for is
    /// missing.
    pub refused: BTreeSet<String>,
}

/// Reads an account.
///
/// # Errors
/// If AWS refuses what every inventory needs: the VPC, its subnets and their routes. An empty
/// `vpc_id` is found by the cluster's tag on subnets; not finding one is an error.
pub async fn pull<A: Account>(account: &A, cluster: &str, vpc_id: &str) -> Result<Pulled, Error> {
    let mut reader = Reader { account, refused: BTreeSet::new(), ours: BTreeSet::new() };
    let vpc_id = match vpc_id {
        "" => reader.find_vpc(cluster).await?,
        given => given.to_owned(),
    };
    reader.find_ours(cluster).await?;
    let identity = account.identity();
    let mut document = json!({
        "region": identity.region,
        "accountId": identity.account,
        "vpc": reader.vpc(&vpc_id).await?,
        "subnets": reader.subnets(&vpc_id).await?,
        "securityGroups": reader.security_groups(&vpc_id).await?,
        "certificates": reader.certificates().await?,
        "webAcls": reader.web_acls().await?,
        "targetGroups": reader.target_groups().await?,
        "trustStores": reader.trust_stores().await?,
        "loadBalancers": reader.load_balancers(cluster).await?,
        "elasticIps": reader.elastic_ips().await?,
        "ipamPools": reader.ipam_pools().await?,
    });
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    }
    Ok(Pulled { document, refused: reader.refused })
}

struct Reader<'a, A> {
    account: &'a A,
    refused: BTreeSet<String>,
    /// ARNs of what carries the cluster's tags: what ingc or the controller has made.
    ours: BTreeSet<String>,
}

impl<A: Account> Reader<'_, A> {
    async fn ask(&self, call: Call) -> Result<Value, Error> {
        self.account.call(&call).await.map_err(|source| refusal(&call, source))
    }

    /// Asks for what an inventory can do without.
    async fn ask_if_allowed(&mut self, call: Call) -> Result<Value, Error> {
        match self.account.call(&call).await {
            Err(error) if is_denied(&error) => {
                self.refused.insert(format!("{}:{}", call.service, call.action));
                Ok(Value::Null)
            }
            other => other.map_err(|source| refusal(&call, source)),
        }
    }

    async fn find_vpc(&self, cluster: &str) -> Result<String, Error> {
        let key = format!("kubernetes.io/cluster/{cluster}");
        let filters = json!([{"Name": "tag-key", "Values": [key]}]);
        let answer = self.ask(Call::ec2("DescribeSubnets", json!({"Filters": filters}))).await?;
        let found: BTreeSet<&str> =
            items(&answer["Subnets"]).iter().map(|it| text(&it["VpcId"])).collect();
        match (found.first(), found.len()) {
            (Some(only), 1) => Ok((*only).to_owned()),
            _ => Err(Error::WhichVpc { tag: key, found: found.len() }),
        }
    }

    async fn find_ours(&mut self, cluster: &str) -> Result<(), Error> {
        let filters = json!([{"Key": tag::CLUSTER, "Values": [cluster]}]);
        let call = Call::new(Service::Tagging, "GetResources", json!({"TagFilters": filters}));
        let answer = self.ask_if_allowed(call).await?;
        self.ours = items(&answer["ResourceTagMappingList"])
            .iter()
            .map(|it| text(&it["ResourceARN"]).to_owned())
            .collect();
        Ok(())
    }

    async fn vpc(&self, id: &str) -> Result<Value, Error> {
        let answer = self.ask(Call::ec2("DescribeVpcs", json!({"VpcIds": [id]}))).await?;
        let vpc = &answer["Vpcs"][0];
        let blocks = |list: &str, field: &str| -> Vec<String> {
            let mut all: Vec<String> =
                items(&vpc[list]).iter().map(|it| text(&it[field]).to_owned()).collect();
            all.sort();
            all
        };
        Ok(given([
            ("vpcId", json!(id)),
            ("cidrBlocks", json!(blocks("CidrBlockAssociationSet", "CidrBlock"))),
            ("ipv6CidrBlocks", json!(blocks("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"))),
            ("tags", json!(tags_of(vpc))),
        ]))
    }

    async fn subnets(&self, vpc: &str) -> Result<Value, Error> {
        let filters = json!([{"Name": "vpc-id", "Values": [vpc]}]);
        let of_vpc = |action| Call::ec2(action, json!({"Filters": filters}));
        let subnets = self.ask(of_vpc("DescribeSubnets")).await?;
        let tables = self.ask(of_vpc("DescribeRouteTables")).await?;
        let zones = self.ask(Call::ec2("DescribeAvailabilityZones", json!({}))).await?;
        let types: BTreeMap<&str, &str> = items(&zones["AvailabilityZones"])
            .iter()
            .map(|zone| (text(&zone["ZoneName"]), text(&zone["ZoneType"])))
            .collect();
        let described = |subnet: &Value| {
            let zone = text(&subnet["AvailabilityZone"]);
            let zone_type = types.get(zone).copied().filter(|it| *it != "availability-zone");
            let free = subnet["AvailableIpAddressCount"].as_i64();
            let ipv6: Vec<&str> = items(&subnet["Ipv6CidrBlockAssociationSet"])
                .iter()
                .map(|block| text(&block["Ipv6CidrBlock"]))
                .collect();
            let is_open = routes_to_internet(&tables, text(&subnet["SubnetId"]));
            given([
                ("subnetId", subnet["SubnetId"].clone()),
                ("availabilityZone", json!(zone)),
                ("availabilityZoneId", subnet["AvailabilityZoneId"].clone()),
                ("zoneType", json!(zone_type)),
                ("outpostArn", subnet["OutpostArn"].clone()),
                ("cidrBlock", subnet["CidrBlock"].clone()),
                ("ipv6CidrBlocks", json!(ipv6)),
                ("availableIpAddressCount", json!(free.filter(|it| *it < ENOUGH_ADDRESSES))),
                ("mapPublicIpOnLaunch", subnet["MapPublicIpOnLaunch"].clone()),
                ("internetRoute", json!(is_open)),
                ("tags", json!(tags_of(subnet))),
            ])
        };
        Ok(sorted(items(&subnets["Subnets"]).iter().map(described), "subnetId"))
    }

    /// Groups of others, and the backend group that all stacks of the cluster share.
    async fn security_groups(&self, vpc: &str) -> Result<Value, Error> {
        let filters = json!([{"Name": "vpc-id", "Values": [vpc]}]);
        let call = Call::ec2("DescribeSecurityGroups", json!({"Filters": filters}));
        let answer = self.ask(call).await?;
        let account = self.account.identity().account;
        let is_made = |group: &&Value| {
            let id = text(&group["GroupId"]);
            let ours = self.ours.iter().any(|arn| {
                arn.contains(&account) && arn.ends_with(&format!(":security-group/{id}"))
            });
            ours && tags_of(group).contains_key(tag::STACK)
        };
        let groups = items(&answer["SecurityGroups"]).iter().filter(|group| !is_made(group));
        let described = |group: &Value| {
            given([
                ("groupId", group["GroupId"].clone()),
                ("groupName", group["GroupName"].clone()),
                ("tags", json!(tags_of(group))),
            ])
        };
        Ok(sorted(groups.map(described), "groupId"))
    }

    async fn certificates(&mut self) -> Result<Value, Error> {
        let params = json!({"Includes": {"keyTypes": [
            "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096",
            "EC_prime256v1", "EC_secp384r1", "EC_secp521r1",
        ]}});
        let list = Call::new(Service::Acm, "ListCertificates", params);
        let answer = self.ask_if_allowed(list).await?;
        let mut found = Vec::new();
        for summary in items(&answer["CertificateSummaryList"]) {
            let arn = text(&summary["CertificateArn"]);
            if self.ours.contains(arn) {
                continue;
            }
            let has_all = !summary["SubjectAlternativeNameSummaries"].is_null()
                && summary["HasAdditionalSubjectAlternativeNames"] != true
                && text(&summary["Type"]) != "PRIVATE";
            let mut certificate = summary.clone();
            if has_all {
                certificate["SubjectAlternativeNames"] =
                    summary["SubjectAlternativeNameSummaries"].clone();
            } else {
                let on = json!({"CertificateArn": arn});
                let call = Call::new(Service::Acm, "DescribeCertificate", on);
                certificate = self.ask(call).await?["Certificate"].clone();
            }
            let names: Vec<&str> =
                items(&certificate["SubjectAlternativeNames"]).iter().map(text).collect();
            found.push(given([
                ("certificateArn", json!(arn)),
                ("status", certificate["Status"].clone()),
                ("type", certificate["Type"].clone()),
                ("domainName", certificate["DomainName"].clone()),
                ("subjectAlternativeNames", json!(names)),
                ("certificateAuthorityArn", certificate["CertificateAuthorityArn"].clone()),
                ("keyAlgorithm", json!(key_algorithm(text(&certificate["KeyAlgorithm"])))),
                ("createdAt", time(&certificate["CreatedAt"])),
                ("notAfter", time(&certificate["NotAfter"])),
            ]));
        }
        Ok(sorted(found, "certificateArn"))
    }

    async fn web_acls(&mut self) -> Result<Value, Error> {
        let call = Call::new(Service::Wafv2, "ListWebACLs", json!({"Scope": "REGIONAL"}));
        let answer = self.ask_if_allowed(call).await?;
        let described = |acl: &Value| json!({"name": acl["Name"], "arn": acl["ARN"]});
        Ok(sorted(items(&answer["WebACLs"]).iter().map(described), "arn"))
    }

    async fn target_groups(&mut self) -> Result<Value, Error> {
        let answer = self.ask_if_allowed(Call::elb("DescribeTargetGroups", json!({}))).await?;
        let of_others = items(&answer["TargetGroups"])
            .iter()
            .filter(|group| !self.ours.contains(text(&group["TargetGroupArn"])));
        let described = |group: &Value| json!({"targetGroupName": group["TargetGroupName"], "targetGroupArn": group["TargetGroupArn"]});
        Ok(sorted(of_others.map(described), "targetGroupArn"))
    }

    async fn trust_stores(&mut self) -> Result<Value, Error> {
        let answer = self.ask_if_allowed(Call::elb("DescribeTrustStores", json!({}))).await?;
        let described =
            |store: &Value| json!({"name": store["Name"], "trustStoreArn": store["TrustStoreArn"]});
        Ok(sorted(items(&answer["TrustStores"]).iter().map(described), "trustStoreArn"))
    }

    /// All of them: those of the cluster as well, whose subnets are kept.
    async fn load_balancers(&mut self, cluster: &str) -> Result<Value, Error> {
        let answer = self.ask_if_allowed(Call::elb("DescribeLoadBalancers", json!({}))).await?;
        let all = items(&answer["LoadBalancers"]);
        let mut tags: BTreeMap<String, Tags> = BTreeMap::new();
        for chunk in all.chunks(AT_ONCE) {
            let arns: Vec<&str> = chunk.iter().map(|it| text(&it["LoadBalancerArn"])).collect();
            let call = Call::elb("DescribeTags", json!({"ResourceArns": arns}));
            let answer = self.ask_if_allowed(call).await?;
            for described in items(&answer["TagDescriptions"]) {
                let arn = text(&described["ResourceArn"]).to_owned();
                tags.insert(arn, tags::read(&described["Tags"]));
            }
        }
        let described = |balancer: &Value| {
            let has = tags.get(text(&balancer["LoadBalancerArn"])).cloned().unwrap_or_default();
            // The subnets of others mean nothing to us, and need not change the file.
            let ours = has.get(tag::CLUSTER).map(String::as_str) == Some(cluster);
            let mut zones: Vec<Value> = items(&balancer["AvailabilityZones"])
                .iter()
                .filter(|_| ours)
                .map(|zone| json!({"subnetId": zone["SubnetId"]}))
                .collect();
            zones.sort_by_key(Value::to_string);
            given([
                ("loadBalancerArn", balancer["LoadBalancerArn"].clone()),
                ("loadBalancerName", balancer["LoadBalancerName"].clone()),
                ("scheme", balancer["Scheme"].clone()),
                ("type", balancer["Type"].clone()),
                ("availabilityZones", json!(zones)),
                ("tags", json!(has)),
            ])
        };
        let all = all.iter().filter(|it| text(&it["Type"]) != "gateway");
        Ok(sorted(all.map(described), "loadBalancerArn"))
    }

    async fn elastic_ips(&mut self) -> Result<Value, Error> {
        let answer = self.ask_if_allowed(Call::ec2("DescribeAddresses", json!({}))).await?;
        let described =
            |ip: &Value| json!({"allocationId": ip["AllocationId"], "publicIp": ip["PublicIp"]});
        let all = items(&answer["Addresses"]).iter().filter(|ip| ip["AllocationId"].is_string());
        Ok(sorted(all.map(described), "allocationId"))
    }

    async fn ipam_pools(&mut self) -> Result<Value, Error> {
        let answer = self.ask_if_allowed(Call::ec2("DescribeIpamPools", json!({}))).await?;
        let described = |pool: &Value| json!({"ipamPoolId": pool["IpamPoolId"]});
        Ok(sorted(items(&answer["IpamPools"]).iter().map(described), "ipamPoolId"))
    }
}

/// True if the credentials lack a permission, or the region lacks the service.
fn is_denied(error: &CallError) -> bool {
    error.is(&[
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "InvalidAction",
        "UnsupportedOperation",
        "UnknownOperationException",
    ])
}

fn refusal(call: &Call, source: CallError) -> Error {
    Error::Refused { action: format!("{}:{}", call.service, call.action), source }
}

/// True if the route table of a subnet leads to an internet gateway.
fn routes_to_internet(tables: &Value, subnet: &str) -> bool {
    let tables = items(&tables["RouteTables"]);
    let has =
        |table: &&Value, is: &dyn Fn(&Value) -> bool| items(&table["Associations"]).iter().any(is);
    let own = tables.iter().find(|table| has(table, &|it| text(&it["SubnetId"]) == subnet));
    let table = own.or_else(|| tables.iter().find(|table| has(table, &|it| it["Main"] == true)));
    table.is_some_and(|table| {
        items(&table["Routes"]).iter().any(|route| text(&route["GatewayId"]).starts_with("igw-"))
    })
}

fn tags_of(described: &Value) -> Tags {
    let mut tags = tags::read(&described["Tags"]);
    // AWS's own say nothing that compiling asks for.
    tags.retain(|key, _| !key.starts_with("aws:"));
    tags
}

/// Lists spell them `RSA-2048`, descriptions and specs `RSA_2048`.
fn key_algorithm(text: &str) -> String {
    text.replace('-', "_")
}

/// Seconds since 1970 as text.
fn time(value: &Value) -> Value {
    let Some(seconds) = value.as_f64() else { return Value::Null };
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds are all that is wanted")]
    let time = DateTime::from_secs(seconds as i64);
    time.fmt(Format::DateTime).map_or(Value::Null, Value::from)
}

/// An object of the fields that say something.
fn given<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    };
    let fields = fields.into_iter().filter(|(_, value)| says(value));
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// A list in the order of its ids, so that the file changes only where the account does.
fn sorted(list: impl IntoIterator<Item = Value>, id: &str) -> Value {
    let mut list: Vec<Value> = list.into_iter().collect();
    list.sort_by(|one, other| text(&one[id]).cmp(text(&other[id])));
    Value::from(list)
}
