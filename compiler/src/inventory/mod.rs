//! What exists in the account and is not ours: the facts that the controller looks up live.

mod cluster;
mod read;
mod schema;
#[cfg(test)]
mod tests;

pub use read::read;
pub use schema::schema;

use crate::resource::Tags;
use crate::source::FileId;
use std::collections::BTreeMap;

/// An inventory. Field names are AWS's in camelCase.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// `region`
    pub region: String,
    /// `accountId`
    pub account_id: String,
    /// `partition`: `aws`, `aws-cn`, `aws-us-gov`; the region's if absent.
    pub partition: String,
    /// `vpc`
    pub vpc: Vpc,
    /// `subnets`
    pub subnets: Vec<Subnet>,
    /// `securityGroups`
    pub security_groups: Vec<SecurityGroup>,
    /// `certificates`
    pub certificates: Vec<Certificate>,
    /// `webAcls`
    pub web_acls: Vec<WebAcl>,
    /// `targetGroups`
    pub target_groups: Vec<TargetGroup>,
    /// `trustStores`
    pub trust_stores: Vec<TrustStore>,
    /// `loadBalancers`
    pub load_balancers: Vec<LoadBalancer>,
    /// `elasticIps`
    pub elastic_ips: Vec<ElasticIp>,
    /// `ipamPools`
    pub ipam_pools: Vec<String>,
    /// `cluster`: facts of the cluster that Git lacks.
    pub cluster: ClusterFacts,
    /// The file that it was read from.
    pub file: Option<FileId>,
}

/// The cluster's VPC.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vpc {
    /// `vpcId`
    pub vpc_id: String,
    /// `cidrBlocks`
    pub cidr_blocks: Vec<String>,
    /// `ipv6CidrBlocks`
    pub ipv6_cidr_blocks: Vec<String>,
    /// `tags`
    pub tags: Tags,
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subnet {
    /// `subnetId`
    pub subnet_id: String,
    /// `vpcId`; the inventory's VPC if absent.
    pub vpc_id: String,
    /// `availabilityZone`
    pub availability_zone: String,
    /// `availabilityZoneId`
    pub availability_zone_id: String,
    /// `zoneType`: `availability-zone` if absent, `local-zone`, `wavelength-zone`.
    pub zone_type: String,
    /// `outpostArn`
    pub outpost_arn: Option<String>,
    /// `cidrBlock`
    pub cidr_block: String,
    /// `ipv6CidrBlocks`
    pub ipv6_cidr_blocks: Vec<String>,
    /// `availableIpAddressCount`; what the empty subnet has if absent.
    pub available_ip_address_count: i64,
    /// `mapPublicIpOnLaunch`; false if absent.
    pub map_public_ip_on_launch: bool,
    /// `internetRoute`: its route table has a route to an internet gateway; false if absent.
    pub internet_route: bool,
    /// `tags`
    pub tags: Tags,
}

/// A security group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecurityGroup {
    /// `groupId`
    pub group_id: String,
    /// `groupName`
    pub group_name: String,
    /// `vpcId`; the inventory's VPC if absent.
    pub vpc_id: String,
    /// `tags`
    pub tags: Tags,
}

/// An ACM certificate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificate {
    /// `certificateArn`
    pub certificate_arn: String,
    /// `status`: only `ISSUED` ones are used; `ISSUED` if absent.
    pub status: String,
    /// `type`; `AMAZON_ISSUED` if absent.
    pub certificate_type: String,
    /// `domainName`
    pub domain_name: String,
    /// `subjectAlternativeNames`; the domain name alone if absent.
    pub subject_alternative_names: Vec<String>,
    /// `certificateAuthorityArn`
    pub certificate_authority_arn: Option<String>,
    /// `keyAlgorithm`; `RSA_2048` if absent.
    pub key_algorithm: String,
    /// `inUse`
    pub in_use: bool,
    /// `createdAt`, as text.
    pub created_at: String,
    /// `notAfter`, as text.
    pub not_after: String,
}

/// A WAFv2 web ACL.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebAcl {
    /// `name`
    pub name: String,
    /// `arn`
    pub arn: String,
}

/// A target group made by others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetGroup {
    /// `targetGroupName`
    pub name: String,
    /// `targetGroupArn`
    pub arn: String,
}

/// A trust store for mutual TLS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrustStore {
    /// `name`
    pub name: String,
    /// `trustStoreArn`
    pub arn: String,
}

/// A load balancer that exists, ours or others'.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadBalancer {
    /// `loadBalancerArn`
    pub arn: String,
    /// `loadBalancerName`
    pub name: String,
    /// `scheme`; `internal` if absent.
    pub scheme: String,
    /// `type`; `application` if absent.
    pub load_balancer_type: String,
    /// `availabilityZones[].subnetId`, in order.
    pub subnet_ids: Vec<String>,
    /// `tags`
    pub tags: Tags,
}

/// An Elastic IP.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ElasticIp {
    /// `allocationId`
    pub allocation_id: String,
    /// `publicIp`
    pub public_ip: String,
}

/// Facts of the cluster: they complete manifests and are never manifests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterFacts {
    /// `services`: by `namespace/name`.
    pub services: BTreeMap<String, ServiceFacts>,
    /// `namespaces`: labels by name.
    pub namespaces: BTreeMap<String, Tags>,
    /// Of objects that name none: what `kubectl --namespace` or an Argo CD application says. It
    /// stands in no inventory.
    pub namespace: Option<String>,
}

impl ClusterFacts {
    /// The namespace of objects that name none.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }
}

/// What the cluster gave a Service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceFacts {
    /// `uid`
    pub uid: Option<String>,
    /// `nodePorts`: by Service port number.
    pub node_ports: BTreeMap<i32, i32>,
}
