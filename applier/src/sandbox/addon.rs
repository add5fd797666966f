//! Web ACLs and Shield on the load balancers of the simulated account.

use super::cloud::{Answer, Cloud, read, refuse};
use serde::Deserialize;
use serde_json::{Value, json};

impl Cloud {
    pub(super) fn wafv2(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "AssociateWebACL" => self.associate_web_acl(params),
            "DisassociateWebACL" => self.disassociate_web_acl(params),
            "GetWebACLForResource" => self.get_web_acl_for_resource(params),
            _ => return None,
        })
    }

    fn associate_web_acl(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Asked {
            #[serde(rename = "WebACLArn")]
            web_acl_arn: String,
            #[serde(rename = "ResourceArn")]
            resource_arn: String,
        }
        let asked: Asked = read(params)?;
        if !self.web_acls.contains_key(&asked.web_acl_arn) {
            return no_such_item(&asked.web_acl_arn);
        }
        match self.load_balancers.get(&asked.resource_arn) {
            None => return no_such_item(&asked.resource_arn),
            Some(balancer) if balancer.load_balancer_type != "application" => {
                return refuse(
                    "WAFInvalidParameterException",
                    "Only Application Load Balancers can have a web ACL",
                );
            }
            Some(_) => {}
        }
        self.web_acl_associations.insert(asked.resource_arn, asked.web_acl_arn);
        Ok(json!({}))
    }

    fn disassociate_web_acl(&mut self, params: &Value) -> Answer {
        let arn = read::<OfResource>(params)?.resource_arn;
        if !self.load_balancers.contains_key(&arn) {
            return no_such_item(&arn);
        }
        self.web_acl_associations.remove(&arn);
        Ok(json!({}))
    }

    fn get_web_acl_for_resource(&self, params: &Value) -> Answer {
        let arn = read::<OfResource>(params)?.resource_arn;
        if !self.load_balancers.contains_key(&arn) {
            return no_such_item(&arn);
        }
        Ok(match self.web_acl_associations.get(&arn) {
            Some(acl) => json!({"WebACL": {"ARN": acl, "Name": self.web_acls.get(acl)}}),
            None => json!({}),
        })
    }

    pub(super) fn shield(&mut self, action: &str, params: &Value) -> Option<Answer> {
        Some(match action {
            "CreateProtection" => self.create_protection(params),
            "DescribeProtection" => self.describe_protection(params),
            "DeleteProtection" => self.delete_protection(params),
            _ => return None,
        })
    }

    fn create_protection(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            name: String,
            resource_arn: String,
        }
        let asked: Asked = read(params)?;
        if !self.load_balancers.contains_key(&asked.resource_arn) {
            return refuse(
                "InvalidResourceException",
                format!("The resource '{}' does not exist", asked.resource_arn),
            );
        }
        if self.protections.contains_key(&asked.resource_arn) {
            return refuse(
                "ResourceAlreadyExistsException",
                "The referenced protection already exists",
            );
        }
        let hex = self.fresh_hex(&asked.name, 32);
        let id = format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        );
        self.protections.insert(asked.resource_arn, id.clone());
        Ok(json!({"ProtectionId": id}))
    }

    fn describe_protection(&self, params: &Value) -> Answer {
        let arn = read::<OfResource>(params)?.resource_arn;
        match self.protections.get(&arn) {
            Some(id) => Ok(json!({"Protection": {"Id": id, "ResourceArn": arn}})),
            None => refuse("ResourceNotFoundException", "The referenced protection does not exist"),
        }
    }

    fn delete_protection(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            protection_id: String,
        }
        let id = read::<Asked>(params)?.protection_id;
        let before = self.protections.len();
        self.protections.retain(|_, there| *there != id);
        if self.protections.len() == before {
            return refuse("ResourceNotFoundException", "The referenced protection does not exist");
        }
        Ok(json!({}))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfResource {
    resource_arn: String,
}

fn no_such_item(arn: &str) -> Answer {
    refuse("WAFNonexistentItemException", format!("AWS WAF couldn't find the resource '{arn}'"))
}
