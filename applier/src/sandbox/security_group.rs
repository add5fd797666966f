//! Security groups of the simulated account, and what else EC2 answers.

use super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::tag::{self, Tag};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SecurityGroup {
    pub(super) group_name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) vpc_id: String,
    /// One entry per port range and source.
    #[serde(default)]
    pub(super) ingress: BTreeSet<IngressRule>,
    #[serde(default)]
    pub(super) tags: Texts,
}

/// One inbound rule. A description is no part of its identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IngressRule {
    ip_protocol: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_port: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_port: Option<i32>,
    source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Source {
    Cidr(String),
    CidrV6(String),
    PrefixList(String),
    Group(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IpPermission {
    ip_protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
    #[serde(default)]
    ip_ranges: Vec<IpRange>,
    #[serde(default)]
    ipv6_ranges: Vec<Ipv6Range>,
    #[serde(default)]
    prefix_list_ids: Vec<PrefixList>,
    #[serde(default)]
    user_id_group_pairs: Vec<GroupPair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IpRange {
    cidr_ip: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Range {
    cidr_ipv6: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrefixList {
    prefix_list_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupPair {
    group_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TagSpecification {
    resource_type: String,
    tags: Vec<Tag>,
}

impl Cloud {
    pub(super) fn ec2(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "CreateSecurityGroup" => self.create_security_group(params),
            "DescribeSecurityGroups" => self.describe_security_groups(params),
            "AuthorizeSecurityGroupIngress" => self.change_ingress(params, true),
            "RevokeSecurityGroupIngress" => self.change_ingress(params, false),
            "DeleteSecurityGroup" => self.delete_security_group(params),
            "CreateTags" => self.change_ec2_tags(params, true),
            "DeleteTags" => self.change_ec2_tags(params, false),
            _ => return None,
        })
    }

    fn create_security_group(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            group_name: String,
            description: String,
            vpc_id: String,
            #[serde(default)]
            tag_specifications: Vec<TagSpecification>,
        }
        let asked: Asked = read(params)?;
        let allowed =
            |c: char| c.is_ascii_alphanumeric() || c == ' ' || "._-:/()#,@[]+=&;{}!$*".contains(c);
        for (what, text) in
            [("groupName", &asked.group_name), ("groupDescription", &asked.description)]
        {
            if text.is_empty() || text.len() > 255 || !text.chars().all(allowed) {
                return refuse(
                    "InvalidParameterValue",
                    format!("Value ({text}) for parameter {what} is invalid"),
                );
            }
        }
        if asked.group_name.starts_with("sg-") {
            return refuse(
                "InvalidParameterValue",
                format!(
                    "Value ({}) for parameter GroupName is invalid: it may not start with 'sg-'",
                    asked.group_name
                ),
            );
        }
        if asked.vpc_id != self.vpc_id {
            return refuse(
                "InvalidVpcID.NotFound",
                format!("The vpc ID '{}' does not exist", asked.vpc_id),
            );
        }
        let taken = self.security_groups.values().any(|group| {
            group.vpc_id == asked.vpc_id && group.group_name.eq_ignore_ascii_case(&asked.group_name)
        });
        if taken {
            return refuse(
                "InvalidGroup.Duplicate",
                format!(
                    "The security group '{}' already exists for VPC '{}'",
                    asked.group_name, asked.vpc_id
                ),
            );
        }
        let mut tags = Texts::new();
        for specification in asked.tag_specifications {
            if specification.resource_type != "security-group" {
                return refuse(
                    "InvalidParameterValue",
                    format!("'{}' is not the type of the resource", specification.resource_type),
                );
            }
            tags = tag::checked_length(specification.tags, &tags, self.quota("tags-per-resource"))?;
        }
        let id = format!("sg-{}", self.fresh_hex(&asked.group_name, 17));
        self.security_groups.insert(
            id.clone(),
            SecurityGroup {
                group_name: asked.group_name,
                description: asked.description,
                vpc_id: asked.vpc_id,
                ingress: BTreeSet::new(),
                tags,
            },
        );
        Ok(json!({"GroupId": id}))
    }

    fn change_ingress(&mut self, params: &Value, add: bool) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            group_id: String,
            ip_permissions: Vec<IpPermission>,
        }
        let asked: Asked = read(params)?;
        let mut ingress = self.find_security_group(&asked.group_id)?.ingress.clone();
        if asked.ip_permissions.is_empty() {
            return refuse(
                "MissingParameter",
                "The request must contain the parameter ipPermissions",
            );
        }
        for permission in asked.ip_permissions {
            for rule in self.flat(permission)? {
                let changed =
                    if add { ingress.insert(rule.clone()) } else { ingress.remove(&rule) };
                if !changed {
                    let (code, what) = match add {
                        true => ("InvalidPermission.Duplicate", "already exists"),
                        false => {
                            ("InvalidPermission.NotFound", "does not exist in this security group")
                        }
                    };
                    return refuse(code, format!("the specified rule {what}: {}", describe(&rule)));
                }
            }
        }
        let limit = self.quota("security-group-rules");
        let v6 = ingress.iter().filter(|rule| matches!(rule.source, Source::CidrV6(_))).count();
        if add && v6.max(ingress.len() - v6) > limit {
            return refuse(
                "RulesPerSecurityGroupLimitExceeded",
                format!("The maximum number of rules per security group has been reached: {limit}"),
            );
        }
        self.find_security_group_mut(&asked.group_id)?.ingress = ingress;
        Ok(json!({"Return": true}))
    }

    /// One rule per source of a permission.
    fn flat(&self, permission: IpPermission) -> Result<Vec<IngressRule>, CallError> {
        let all = permission.ip_protocol == "-1";
        if !all {
            let port = |p: Option<i32>| p.is_some_and(|p| (0..=65535).contains(&p));
            if !["tcp", "udp"].contains(&permission.ip_protocol.as_str())
                || !port(permission.from_port)
                || !port(permission.to_port)
                || permission.from_port > permission.to_port
            {
                return refuse(
                    "InvalidParameterValue",
                    format!(
                        "Invalid protocol or port range: {} {:?}-{:?}",
                        permission.ip_protocol, permission.from_port, permission.to_port
                    ),
                );
            }
        }
        let mut sources = Vec::new();
        for range in permission.ip_ranges {
            if !super::is_cidr(&range.cidr_ip) || range.cidr_ip.contains(':') {
                return refuse(
                    "InvalidParameterValue",
                    format!("CIDR block {} is malformed", range.cidr_ip),
                );
            }
            sources.push(Source::Cidr(range.cidr_ip));
        }
        for range in permission.ipv6_ranges {
            if !super::is_cidr(&range.cidr_ipv6) || !range.cidr_ipv6.contains(':') {
                return refuse(
                    "InvalidParameterValue",
                    format!("CIDR block {} is malformed", range.cidr_ipv6),
                );
            }
            sources.push(Source::CidrV6(range.cidr_ipv6));
        }
        for list in permission.prefix_list_ids {
            if !list.prefix_list_id.starts_with("pl-") {
                return refuse(
                    "InvalidPrefixListID.Malformed",
                    format!("Invalid id: \"{}\"", list.prefix_list_id),
                );
            }
            sources.push(Source::PrefixList(list.prefix_list_id));
        }
        for pair in permission.user_id_group_pairs {
            self.find_security_group(&pair.group_id)?;
            sources.push(Source::Group(pair.group_id));
        }
        if sources.is_empty() {
            return refuse("InvalidParameterValue", "A permission needs a source");
        }
        let rules = sources.into_iter().map(|source| IngressRule {
            ip_protocol: permission.ip_protocol.clone(),
            from_port: permission.from_port.filter(|_| !all),
            to_port: permission.to_port.filter(|_| !all),
            source,
        });
        Ok(rules.collect())
    }

    fn find_security_group(&self, id: &str) -> Result<&SecurityGroup, CallError> {
        self.security_groups.get(id).ok_or_else(|| not_found(id))
    }

    fn find_security_group_mut(&mut self, id: &str) -> Result<&mut SecurityGroup, CallError> {
        self.security_groups.get_mut(id).ok_or_else(|| not_found(id))
    }

    fn describe_security_groups(&self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Filter {
            name: String,
            values: Vec<String>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            group_ids: Option<Vec<String>>,
            #[serde(default)]
            filters: Vec<Filter>,
        }
        let asked: Asked = read(params)?;
        for id in asked.group_ids.iter().flatten() {
            self.find_security_group(id)?;
        }
        let mut found = Vec::new();
        for (id, group) in &self.security_groups {
            let mut matches = asked.group_ids.as_ref().is_none_or(|ids| ids.contains(id));
            for filter in &asked.filters {
                let value = match filter.name.as_str() {
                    "group-name" => Some(&group.group_name),
                    "vpc-id" => Some(&group.vpc_id),
                    name => match name.strip_prefix("tag:") {
                        Some(key) => group.tags.get(key),
                        None => {
                            return refuse(
                                "InvalidParameterValue",
                                format!("The filter '{name}' is invalid"),
                            );
                        }
                    },
                };
                matches &= value.is_some_and(|value| filter.values.contains(value));
            }
            if matches {
                found.push(self.security_group(id, group));
            }
        }
        Ok(json!({"SecurityGroups": found}))
    }

    /// The security group as EC2 describes it: sources of one port range stand together.
    fn security_group(&self, id: &str, group: &SecurityGroup) -> Value {
        type Ports = (String, Option<i32>, Option<i32>);
        let mut permissions: BTreeMap<Ports, Value> = BTreeMap::new();
        for rule in &group.ingress {
            let ports = (rule.ip_protocol.clone(), rule.from_port, rule.to_port);
            let permission = permissions.entry(ports).or_insert_with(|| {
                let mut permission = json!({
                    "IpProtocol": rule.ip_protocol,
                    "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
                });
                if let (Some(from), Some(to)) = (rule.from_port, rule.to_port) {
                    permission["FromPort"] = json!(from);
                    permission["ToPort"] = json!(to);
                }
                permission
            });
            let (list, entry) = match &rule.source {
                Source::Cidr(cidr) => ("IpRanges", json!({"CidrIp": cidr})),
                Source::CidrV6(cidr) => ("Ipv6Ranges", json!({"CidrIpv6": cidr})),
                Source::PrefixList(list) => ("PrefixListIds", json!({"PrefixListId": list})),
                Source::Group(group) => {
                    ("UserIdGroupPairs", json!({"GroupId": group, "UserId": self.account_id}))
                }
            };
            if let Some(list) = permission[list].as_array_mut() {
                list.push(entry);
            }
        }
        json!({
            "GroupId": id,
            "GroupName": group.group_name,
            "Description": group.description,
            "VpcId": group.vpc_id,
            "OwnerId": self.account_id,
            "IpPermissions": permissions.into_values().collect::<Vec<_>>(),
            "Tags": tag::listed(&group.tags),
        })
    }

    fn delete_security_group(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            group_id: String,
        }
        let id = read::<Asked>(params)?.group_id;
        let group = self.find_security_group(&id)?;
        if group.group_name == "default" {
            return refuse(
                "CannotDelete",
                format!(
                    "the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"
                ),
            );
        }
        let balancer = self.load_balancers.iter().find(|(_, lb)| lb.security_groups.contains(&id));
        let source = Source::Group(id.clone());
        let group = self.security_groups.iter().find(|(other, group)| {
            **other != id && group.ingress.iter().any(|rule| rule.source == source)
        });
        if let Some(user) = balancer.map(|(arn, _)| arn).or(group.map(|(id, _)| id)) {
            return refuse(
                "DependencyViolation",
                format!("resource {id} has a dependent object: {user}"),
            );
        }
        self.security_groups.remove(&id);
        Ok(json!({}))
    }

    fn change_ec2_tags(&mut self, params: &Value, add: bool) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            resources: Vec<String>,
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        let limit = self.quota("tags-per-resource");
        let mut changed = Vec::new();
        for id in &asked.resources {
            let mut tags = self.find_security_group(id)?.tags.clone();
            if add {
                tags = tag::checked_length(asked.tags.clone(), &tags, limit)?;
            } else {
                tags.retain(|key, _| !asked.tags.iter().any(|tag| tag.key == *key));
            }
            changed.push((id, tags));
        }
        for (id, tags) in changed {
            self.find_security_group_mut(id)?.tags = tags;
        }
        Ok(json!({"Return": true}))
    }
}

fn describe(rule: &IngressRule) -> String {
    let ports = match (rule.from_port, rule.to_port) {
        (Some(from), Some(to)) => format!("from port: {from}, to port: {to}"),
        _ => "ALL".to_owned(),
    };
    format!("peer: {:?}, {}, {ports}", rule.source, rule.ip_protocol.to_uppercase())
}

fn not_found(id: &str) -> CallError {
    CallError::new("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}
