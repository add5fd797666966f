//! Certificates, web ACLs, Shield, and the cluster's bindings.

use super::*;

#[test]
fn a_requested_certificate_is_issued_and_can_be_used_at_once() {
    let aws = Asked::new();
    let acm = |action, params| aws.call(Service::Acm, action, params).unwrap();
    let asked = json!({
        "DomainName": "shop.example.com", "SubjectAlternativeNames": ["www.example.com"],
        "ValidationMethod": "DNS", "IdempotencyToken": "t1", "Tags": [{"Key": "a", "Value": "b"}],
    });
    let arn = text(&acm("RequestCertificate", asked.clone())["CertificateArn"]);
    assert_eq!(acm("RequestCertificate", asked.clone())["CertificateArn"], arn.as_str());
    let other = acm("RequestCertificate", with(asked, json!({"IdempotencyToken": "t2"})));
    assert_ne!(other["CertificateArn"], arn.as_str());
    let on = json!({"CertificateArn": arn});
    let found = acm("DescribeCertificate", on.clone());
    assert_eq!(found["Certificate"]["Status"], "ISSUED");
    assert_eq!(found["Certificate"]["DomainValidationOptions"].as_array().unwrap().len(), 2);
    let balancer = aws.balancer("web");
    let listener = with(https(&balancer, 443), json!({"Certificates": [on]}));
    let listener = text(&aws.elb("CreateListener", listener)["Listeners"][0]["ListenerArn"]);
    assert_eq!(
        aws.refused_by(Service::Acm, "DeleteCertificate", on.clone()),
        "ResourceInUseException"
    );
    aws.elb("DeleteListener", json!({"ListenerArn": listener}));
    acm("AddTagsToCertificate", with(on.clone(), json!({"Tags": [{"Key": "c", "Value": "d"}]})));
    acm("RemoveTagsFromCertificate", with(on.clone(), json!({"Tags": [{"Key": "a"}]})));
    assert_eq!(
        acm("ListTagsForCertificate", on.clone())["Tags"],
        json!([{"Key": "c", "Value": "d"}])
    );
    acm("DeleteCertificate", on.clone());
    for action in ["DeleteCertificate", "DescribeCertificate", "ListTagsForCertificate"] {
        assert_eq!(aws.refused_by(Service::Acm, action, on.clone()), "ResourceNotFoundException");
    }
    let bad = json!({"DomainName": "localhost"});
    assert_eq!(
        aws.refused_by(Service::Acm, "RequestCertificate", bad),
        "InvalidDomainValidationOptionsException"
    );
}

#[test]
fn a_web_acl_is_associated_with_an_existing_load_balancer_only() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let waf = |action, params| aws.call(Service::Wafv2, action, params).unwrap();
    let on = json!({"ResourceArn": balancer});
    assert_eq!(waf("GetWebACLForResource", on.clone()), json!({}));
    waf("AssociateWebACL", with(on.clone(), json!({"WebACLArn": "arn:acl"})));
    assert_eq!(waf("GetWebACLForResource", on.clone())["WebACL"]["ARN"], "arn:acl");
    for (acl, resource) in [("arn:none", balancer.as_str()), ("arn:acl", "arn:none")] {
        let asked = json!({"WebACLArn": acl, "ResourceArn": resource});
        assert_eq!(
            aws.refused_by(Service::Wafv2, "AssociateWebACL", asked),
            "WAFNonexistentItemException"
        );
    }
    waf("DisassociateWebACL", on.clone());
    assert_eq!(waf("GetWebACLForResource", on), json!({}));
    let classic = json!({"WebACLId": "x", "ResourceArn": balancer});
    assert_eq!(
        aws.refused_by(Service::WafRegional, "AssociateWebACL", classic),
        "WAFUnavailableEntityException"
    );
}

#[test]
fn a_load_balancer_is_protected_once() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let shield = |action, params| aws.call(Service::Shield, action, params).unwrap();
    let on = json!({"ResourceArn": balancer});
    let create = with(on.clone(), json!({"Name": "web"}));
    assert_eq!(
        aws.refused_by(Service::Shield, "DescribeProtection", on.clone()),
        "ResourceNotFoundException"
    );
    let id = shield("CreateProtection", create.clone())["ProtectionId"].clone();
    assert_eq!(
        aws.refused_by(Service::Shield, "CreateProtection", create.clone()),
        "ResourceAlreadyExistsException"
    );
    assert_eq!(shield("DescribeProtection", on)["Protection"]["Id"], id);
    shield("DeleteProtection", json!({"ProtectionId": id}));
    assert_eq!(
        aws.refused_by(Service::Shield, "DeleteProtection", json!({"ProtectionId": id})),
        "ResourceNotFoundException"
    );
    let unknown = with(create, json!({"ResourceArn": "arn:x"}));
    assert_eq!(
        aws.refused_by(Service::Shield, "CreateProtection", unknown),
        "InvalidResourceException"
    );
}

#[test]
fn bindings_are_refused_as_the_controllers_webhooks_do() {
    let aws = Asked::new();
    let [one, two] = ["one", "two"].map(|name| aws.group(name));
    let binding = |name: &str, arn: &str, target_type: &str| {
        json!({
            "metadata": {"namespace": "shop", "name": name},
            "spec": {"serviceRef": {"name": "cart", "port": 80}, "targetGroupARN": arn, "targetType": target_type},
        })
    };
    let call = |action, params| aws.call(Service::Kubernetes, action, params);
    let refused = |action, params| aws.refused_by(Service::Kubernetes, action, params);
    call("CreateTargetGroupBinding", binding("b", &one, "ip")).unwrap();
    assert_eq!(refused("CreateTargetGroupBinding", binding("b", &two, "ip")), "AlreadyExists");
    assert_eq!(refused("CreateTargetGroupBinding", binding("c", &one, "ip")), "Invalid");
    assert_eq!(
        refused("CreateTargetGroupBinding", binding("c", "arn:x", "ip")),
        "TargetGroupNotFound"
    );
    assert_eq!(refused("CreateTargetGroupBinding", binding("C_", &two, "ip")), "Invalid");
    assert_eq!(refused("UpdateTargetGroupBinding", binding("b", &two, "ip")), "Invalid");
    assert_eq!(refused("UpdateTargetGroupBinding", binding("b", &one, "instance")), "Invalid");
    assert_eq!(refused("UpdateTargetGroupBinding", binding("c", &two, "ip")), "NotFound");
    let mut changed = binding("b", &one, "ip");
    changed["spec"]["serviceRef"]["port"] = json!("http");
    call("UpdateTargetGroupBinding", changed.clone()).unwrap();
    let named = json!({"namespace": "shop", "name": "b"});
    assert_eq!(call("GetTargetGroupBinding", named.clone()).unwrap(), changed);
    call("DeleteTargetGroupBinding", named.clone()).unwrap();
    assert_eq!(refused("DeleteTargetGroupBinding", named.clone()), "NotFound");
    assert_eq!(refused("GetTargetGroupBinding", named), "NotFound");
}
