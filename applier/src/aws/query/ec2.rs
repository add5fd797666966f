//! EC2's names where they are not AWS's own.

use super::Dialect;
use crate::aws::config::Endpoint;

pub(super) static EC2: Dialect = Dialect {
    endpoint: Endpoint { id: "EC2", host: "ec2", is_global: false },
    version: "2016-11-15",
    list_item: "",
    sent_as: &SENT_AS,
    read_as: &READ_AS,
    lists: &LISTS,
    numbers: &NUMBERS,
    truths: &TRUTHS,
};

/// What the query protocol calls a parameter, where that is not its own name.
const SENT_AS: [(&str, &str); 14] = [
    ("AllocationIds", "AllocationId"),
    ("Filters", "Filter"),
    ("GroupIds", "GroupId"),
    ("InstanceIds", "InstanceId"),
    ("IpamPoolIds", "IpamPoolId"),
    ("NetworkInterfaceIds", "NetworkInterfaceId"),
    ("PrefixListIds", "PrefixListId"),
    ("Resources", "ResourceId"),
    ("SubnetIds", "SubnetId"),
    ("TagSpecifications", "TagSpecification"),
    ("Tags", "Tag"),
    ("UserIdGroupPairs", "Groups"),
    ("Values", "Value"),
    ("VpcIds", "VpcId"),
];

/// What an element of an answer is called, where that is not its own name with a capital.
const READ_AS: [(&str, &str); 12] = [
    ("addressesSet", "Addresses"),
    ("associationSet", "Associations"),
    ("availabilityZoneInfo", "AvailabilityZones"),
    ("groupDescription", "Description"),
    ("groups", "UserIdGroupPairs"),
    ("ipamPoolSet", "IpamPools"),
    ("routeSet", "Routes"),
    ("routeTableSet", "RouteTables"),
    ("securityGroupInfo", "SecurityGroups"),
    ("subnetSet", "Subnets"),
    ("tagSet", "Tags"),
    ("vpcSet", "Vpcs"),
];

/// Lists whose name does not end with `Set`, so that an empty one is known for what it is.
const LISTS: [&str; 8] = [
    "availabilityZoneInfo",
    "groups",
    "ipPermissions",
    "ipPermissionsEgress",
    "ipRanges",
    "ipv6Ranges",
    "prefixListIds",
    "securityGroupInfo",
];

/// Elements that are numbers.
const NUMBERS: [&str; 3] = ["availableIpAddressCount", "fromPort", "toPort"];

/// Elements that are true or false.
const TRUTHS: [&str; 3] = ["main", "mapPublicIpOnLaunch", "isDefault"];
