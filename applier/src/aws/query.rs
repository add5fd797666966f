//! EC2: AWS's JSON names as its query protocol writes them, and its XML read back.

use super::config::Endpoint;
use super::error;
use super::wire::{Request, Wire};
use crate::account::{Call, CallError};
use aws_config::SdkConfig;
use aws_smithy_types::error::metadata::ErrorMetadata;
use form_urlencoded::Serializer;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

const VERSION: &str = "2016-11-15";

const EC2: Wire = Wire {
    endpoint: Endpoint { id: "EC2", host: "ec2", is_global: false },
    content_type: "application/x-www-form-urlencoded",
    refusal,
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

/// Makes a call.
pub(super) async fn call(sdk: &SdkConfig, call: &Call) -> Result<Value, CallError> {
    let request = Request { target: None, body: body(call) };
    let body = EC2.send(sdk, call.action, request, !call.mutates()).await?;
    answer(&String::from_utf8_lossy(&body)).map_err(|error| error::unreadable(&error))
}

/// The form that a call is sent as.
fn body(call: &Call) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", call.action).append_pair("Version", VERSION);
    append(&mut form, "", &call.params, call.action);
    form.finish()
}

/// Writes parameters as `A.1.B`, from their structure.
fn append(form: &mut Serializer<'_, String>, prefix: &str, value: &Value, action: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let known = SENT_AS.iter().find(|(own, _)| own == name);
                let name = match (name.as_str(), action) {
                    ("Description", "CreateSecurityGroup") => "GroupDescription",
                    // A list of these stands in a permission under its own name.
                    ("PrefixListIds", _) if !prefix.is_empty() => name,
                    _ => known.map_or(name.as_str(), |(_, sent)| sent),
                };
                let dot = if prefix.is_empty() { "" } else { "." };
                append(form, &format!("{prefix}{dot}{name}"), value, action);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                append(form, &format!("{prefix}.{}", i + 1), item, action);
            }
        }
        Value::Null => {}
        Value::String(text) => drop(form.append_pair(prefix, text)),
        other => drop(form.append_pair(prefix, &other.to_string())),
    }
}

/// Reads an answer.
fn answer(text: &str) -> Result<Value, roxmltree::Error> {
    let document = Document::parse(text)?;
    Ok(structure(document.root_element()))
}

fn structure(node: Node<'_, '_>) -> Value {
    let mut fields = Map::new();
    for child in node.children().filter(Node::is_element) {
        let tag = child.tag_name().name();
        let known = READ_AS.iter().find(|(own, _)| *own == tag);
        let name = match known {
            Some((_, name)) => (*name).to_owned(),
            None => tag[..1].to_uppercase() + &tag[1..],
        };
        fields.insert(name, value(child, tag));
    }
    Value::Object(fields)
}

fn value(node: Node<'_, '_>, tag: &str) -> Value {
    let mut children = node.children().filter(Node::is_element).peekable();
    let is_list = tag.ends_with("Set") || LISTS.contains(&tag);
    match children.peek() {
        Some(child) if is_list || child.has_tag_name("item") => children
            .map(|item| match item.first_element_child() {
                Some(_) => structure(item),
                None => Value::from(item.text().unwrap_or_default()),
            })
            .collect(),
        Some(_) => structure(node),
        None if is_list => Value::Array(Vec::new()),
        None => {
            let text = node.text().unwrap_or_default();
            match tag {
                _ if NUMBERS.contains(&tag) => {
                    text.parse::<i64>().map_or(Value::from(text), Value::from)
                }
                _ if TRUTHS.contains(&tag) => Value::from(text == "true"),
                _ => Value::from(text),
            }
        }
    }
}

/// The first error of a refusal.
fn refusal(_: Option<&str>, body: &[u8]) -> ErrorMetadata {
    let mut meta = ErrorMetadata::builder();
    let text = String::from_utf8_lossy(body);
    if let Ok(document) = Document::parse(&text) {
        let of = |name: &str| {
            let mut all = document.descendants();
            all.find(|node| node.has_tag_name(name)).and_then(|node| node.text())
        };
        if let Some(code) = of("Code") {
            meta = meta.code(code);
        }
        if let Some(message) = of("Message") {
            meta = meta.message(message);
        }
    }
    meta.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(action: &str, params: &Value) -> String {
        let mut form = Serializer::new(String::new());
        append(&mut form, "", params, action);
        form.finish()
    }

    #[test]
    fn parameters_are_flattened() {
        for (action, params, form) in [
            (
                "CreateSecurityGroup",
                json!({"Description": "d", "TagSpecifications": [{"ResourceType": "security-group",
                       "Tags": [{"Key": "k", "Value": "ü"}]}]}),
                "GroupDescription=d&TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=%C3%BC",
            ),
            (
                "AuthorizeSecurityGroupIngress",
                json!({"GroupId": "sg-1", "IpPermissions": [{"FromPort": 80, "IpProtocol": "tcp",
                       "IpRanges": [], "PrefixListIds": [{"PrefixListId": "pl-1"}]}]}),
                "GroupId=sg-1&IpPermissions.1.FromPort=80&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-1",
            ),
            (
                "DescribeSecurityGroups",
                json!({"Filters": [{"Name": "vpc-id", "Values": ["a", "b"]}], "GroupIds": ["sg-1"]}),
                "Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&GroupId.1=sg-1",
            ),
            (
                "DeleteTags",
                json!({"Resources": ["sg-1"], "Tags": [{"Key": "k"}]}),
                "ResourceId.1=sg-1&Tag.1.Key=k",
            ),
        ] {
            assert_eq!(sent(action, &params), form);
        }
    }

    #[test]
    fn answers_get_awss_own_names() {
        let text = r"<DescribeSecurityGroupsResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'>
            <securityGroupInfo><item><groupId>sg-1</groupId><groupDescription>d</groupDescription>
              <ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>80</fromPort>
                <toPort>81</toPort><groups/><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges>
                <prefixListIds/></item></ipPermissions>
              <tagSet><item><key>a</key><value/></item></tagSet></item></securityGroupInfo>
            <nextToken>t</nextToken></DescribeSecurityGroupsResponse>";
        let group = json!({
            "GroupId": "sg-1", "Description": "d",
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81,
                "UserIdGroupPairs": [], "IpRanges": [{"CidrIp": "10.0.0.0/8"}], "PrefixListIds": []}],
            "Tags": [{"Key": "a", "Value": ""}],
        });
        assert_eq!(answer(text), Ok(json!({"SecurityGroups": [group], "NextToken": "t"})));
    }

    #[test]
    fn a_refusal_has_a_code_and_a_message() {
        let text = "<Response><Errors><Error><Code>DependencyViolation</Code><Message>in use</Message></Error></Errors></Response>";
        let meta = refusal(None, text.as_bytes());
        assert_eq!((meta.code(), meta.message()), (Some("DependencyViolation"), Some("in use")));
        assert_eq!(refusal(None, b"<html>").code(), None);
    }
}
