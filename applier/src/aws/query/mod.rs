//! EC2 and IAM: AWS's JSON names as the query protocol writes them, and its XML read back.

mod ec2;
mod iam;

use super::config::Endpoint;
use super::error;
use super::wire::{Request, Wire};
use crate::account::{Call, CallError, Service};
use aws_config::SdkConfig;
use aws_smithy_types::error::metadata::ErrorMetadata;
use form_urlencoded::Serializer;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// How a service speaks the protocol.
struct Dialect {
    endpoint: Endpoint,
    version: &'static str,
    /// What stands before the number of a list's item.
    list_item: &'static str,
    /// What a parameter is called, where that is not its own name.
    sent_as: &'static [(&'static str, &'static str)],
    /// What an element of an answer is called, where that is not its own name with a capital.
    read_as: &'static [(&'static str, &'static str)],
    /// Lists that are not known by their name or their items, so that an empty one is known.
    lists: &'static [&'static str],
    /// Elements that are numbers.
    numbers: &'static [&'static str],
    /// Elements that are true or false.
    truths: &'static [&'static str],
}

/// The dialect of a service.
fn dialect(service: Service) -> &'static Dialect {
    if service == Service::Iam { &iam::IAM } else { &ec2::EC2 }
}

/// Makes a call.
pub(super) async fn call(sdk: &SdkConfig, call: &Call) -> Result<Value, CallError> {
    let dialect = dialect(call.service);
    let wire = Wire {
        endpoint: dialect.endpoint,
        content_type: "application/x-www-form-urlencoded",
        refusal,
    };
    let request = Request::post(None, body(dialect, call));
    let body = wire.send(sdk, call.action, request, !call.mutates()).await?;
    answer(dialect, &String::from_utf8_lossy(&body)).map_err(|error| error::unreadable(&error))
}

/// The form that a call is sent as.
fn body(dialect: &Dialect, call: &Call) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", call.action).append_pair("Version", dialect.version);
    append(dialect, &mut form, "", &call.params, call.action);
    form.finish()
}

/// Writes parameters as `A.1.B`, from their structure.
fn append(
    dialect: &Dialect,
    form: &mut Serializer<'_, String>,
    prefix: &str,
    value: &Value,
    action: &str,
) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let known = dialect.sent_as.iter().find(|(own, _)| own == name);
                let name = match (name.as_str(), action) {
                    ("Description", "CreateSecurityGroup") => "GroupDescription",
                    // A list of these stands in a permission under its own name.
                    ("PrefixListIds", _) if !prefix.is_empty() => name,
                    _ => known.map_or(name.as_str(), |(_, sent)| sent),
                };
                let dot = if prefix.is_empty() { "" } else { "." };
                append(dialect, form, &format!("{prefix}{dot}{name}"), value, action);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let member = dialect.list_item;
                append(dialect, form, &format!("{prefix}{member}.{}", i + 1), item, action);
            }
        }
        Value::Null => {}
        Value::String(text) => drop(form.append_pair(prefix, text)),
        other => drop(form.append_pair(prefix, &other.to_string())),
    }
}

/// Reads an answer.
fn answer(dialect: &Dialect, text: &str) -> Result<Value, roxmltree::Error> {
    let document = Document::parse(text)?;
    let root = document.root_element();
    // EC2 has the answer at the root, others in an element of its own beside the request's id.
    let own = root.children().find(|it| it.tag_name().name().ends_with("Result"));
    Ok(structure(dialect, own.unwrap_or(root)))
}

fn structure(dialect: &Dialect, node: Node<'_, '_>) -> Value {
    let mut fields = Map::new();
    for child in node.children().filter(Node::is_element) {
        let tag = child.tag_name().name();
        let known = dialect.read_as.iter().find(|(own, _)| *own == tag);
        let name = match known {
            Some((_, name)) => (*name).to_owned(),
            None => tag[..1].to_uppercase() + &tag[1..],
        };
        fields.insert(name, value(dialect, child, tag));
    }
    Value::Object(fields)
}

fn value(dialect: &Dialect, node: Node<'_, '_>, tag: &str) -> Value {
    let mut children = node.children().filter(Node::is_element).peekable();
    let is_list = tag.ends_with("Set") || dialect.lists.contains(&tag);
    match children.peek() {
        Some(child) if is_list || child.has_tag_name("item") => children
            .map(|item| match item.first_element_child() {
                Some(_) => structure(dialect, item),
                None => Value::from(item.text().unwrap_or_default()),
            })
            .collect(),
        Some(_) => structure(dialect, node),
        None if is_list => Value::Array(Vec::new()),
        None => {
            let text = node.text().unwrap_or_default();
            match tag {
                _ if dialect.numbers.contains(&tag) => {
                    text.parse::<i64>().map_or(Value::from(text), Value::from)
                }
                _ if dialect.truths.contains(&tag) => Value::from(text == "true"),
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

    fn sent(dialect: &Dialect, action: &str, params: &Value) -> String {
        let mut form = Serializer::new(String::new());
        append(dialect, &mut form, "", params, action);
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
            assert_eq!(sent(&ec2::EC2, action, &params), form);
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
        assert_eq!(
            answer(&ec2::EC2, text),
            Ok(json!({"SecurityGroups": [group], "NextToken": "t"}))
        );
    }

    #[test]
    fn iam_has_members_and_its_answer_beside_the_requests_id() {
        let params = json!({"OpenIDConnectProviderArn": "a", "TagKeys": ["x", "y"], "Tags": [{"Key": "k", "Value": "v"}]});
        let form = "OpenIDConnectProviderArn=a&TagKeys.member.1=x&TagKeys.member.2=y&Tags.member.1.Key=k&Tags.member.1.Value=v";
        assert_eq!(sent(&iam::IAM, "TagOpenIDConnectProvider", &params), form);
        let text = "<ListPolicyVersionsResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'>
            <ListPolicyVersionsResult><IsTruncated>false</IsTruncated><Versions>
              <member><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion></member></Versions>
            </ListPolicyVersionsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ListPolicyVersionsResponse>";
        let version = json!({"VersionId": "v1", "IsDefaultVersion": true});
        let all = json!({"IsTruncated": false, "Versions": [version]});
        assert_eq!(answer(&iam::IAM, text), Ok(all));
        let empty = "<GetRoleResponse><GetRoleResult><Role><Tags/></Role></GetRoleResult></GetRoleResponse>";
        assert_eq!(answer(&iam::IAM, empty), Ok(json!({"Role": {"Tags": []}})));
    }

    #[test]
    fn a_refusal_has_a_code_and_a_message() {
        let text = "<Response><Errors><Error><Code>DependencyViolation</Code><Message>in use</Message></Error></Errors></Response>";
        let meta = refusal(None, text.as_bytes());
        assert_eq!((meta.code(), meta.message()), (Some("DependencyViolation"), Some("in use")));
        assert_eq!(refusal(None, b"<html>").code(), None);
    }
}
