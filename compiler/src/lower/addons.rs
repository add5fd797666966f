//! Add-ons of the load balancer: web ACLs and Shield.

use super::merge::{agreed, agreed_among, said};
use super::{Cx, load_balancer};
use crate::annotation::Value;
use crate::annotation::addons::{
    SHIELD_ADVANCED_PROTECTION, WAF_ACL_ID, WAFV2_ACL_ARN, WAFV2_ACL_NAME, WEB_ACL_ID,
};
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::nearest;
use crate::graph::Resource;
use crate::resource::{Protection, Spec, WafRegionalWebAclAssociation, WebAclAssociation};

/// The value that takes a web ACL off.
const NONE: &str = "none";

/// Makes what the members ask for.
pub(super) fn lower(cx: &mut Cx<'_, '_>) {
    web_acl(cx);
    waf_classic(cx);
    shield(cx);
}

fn insert(cx: &mut Cx<'_, '_>, spec: Spec, value: &Value<'_, '_>, field: &'static str) {
    let mut resource = Resource::new(spec);
    resource.origins = vec![value.origin(""), value.origin(field)];
    cx.stack.insert(load_balancer::ID, resource);
}

/// WAFv2: a name anywhere in the group makes all ARNs irrelevant.
fn web_acl(cx: &mut Cx<'_, '_>) {
    let members = &cx.group.members;
    let names: Vec<_> = members
        .iter()
        .filter_map(|member| said(member, &WAFV2_ACL_NAME))
        .filter(|value| !value.as_str().is_empty())
        .collect();
    let text = |value: &Value<'_, '_>| Ok(value.as_str().to_owned());
    let found = if names.is_empty() {
        agreed(cx, &WAFV2_ACL_ARN, text)
    } else {
        agreed_among(cx, names, text)
            .and_then(|(name, value)| Some((arn_of(cx, &name, &value)?, value)))
    };
    let Some((arn, value)) = found else { return };
    let spec = WebAclAssociation {
        resource_arn: load_balancer::arn(),
        web_acl_arn: if arn == NONE { String::new() } else { arn },
    };
    insert(cx, Spec::WebAclAssociation(spec), &value, "webACLARN");
}

fn arn_of(cx: &mut Cx<'_, '_>, name: &str, value: &Value<'_, '_>) -> Option<String> {
    if name == NONE {
        return Some(NONE.to_owned());
    }
    let known = &cx.inventory.web_acls;
    if let Some(found) = known.iter().find(|acl| acl.name == name) {
        return Some(found.arn.clone());
    }
    let hint = match nearest(name, known.iter().map(|acl| acl.name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "name a regional web ACL that stands under `webAcls` of the inventory, or add it there"
                .to_owned()
        }
    };
    let message = format!("the web ACL `{name}` is not in the inventory");
    cx.report(value.error(&code::UNKNOWN_WEB_ACL, message).hint(hint));
    None
}

fn waf_classic(cx: &mut Cx<'_, '_>) {
    let members = cx.group.members.iter();
    let said: Vec<_> = members
        .filter_map(|member| {
            let older = || WEB_ACL_ID.on_ingress(member.ingress);
            WAF_ACL_ID.on_ingress(member.ingress).or_else(older)
        })
        .filter(|value| !value.as_str().is_empty())
        .collect();
    let id = agreed_among(cx, said, |value| Ok(value.as_str().to_owned()));
    let Some((id, value)) = id else { return };
    let spec = WafRegionalWebAclAssociation {
        resource_arn: load_balancer::arn(),
        web_acl_id: if id == NONE { String::new() } else { id },
    };
    insert(cx, Spec::WafRegionalWebAclAssociation(spec), &value, "webACLID");
}

fn shield(cx: &mut Cx<'_, '_>) {
    let Some((enabled, value)) = agreed(cx, &SHIELD_ADVANCED_PROTECTION, Value::boolean) else {
        return;
    };
    let spec = Protection { enabled, resource_arn: load_balancer::arn() };
    insert(cx, Spec::Protection(spec), &value, "enabled");
}
