//! Listeners and their certificates.

use super::*;

#[test]
fn a_listener_is_described_with_what_aws_fills_in() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let made = &aws.elb("CreateListener", https(&balancer, 443))["Listeners"][0];
    assert_eq!(made["SslPolicy"], "ELBSecurityPolicy-2016-08");
    assert_eq!(made["MutualAuthentication"], json!({"Mode": "off"}));
    assert_eq!(made["LoadBalancerArn"], balancer.as_str());
    assert!(text(&made["ListenerArn"]).contains(":listener/app/web/"));
    let plain = aws.listener(&balancer, 80);
    let plain = aws.elb("DescribeListeners", json!({"ListenerArns": [plain]}));
    assert_eq!(plain["Listeners"][0].get("SslPolicy"), None);
    let all = aws.elb("DescribeListeners", json!({"LoadBalancerArn": balancer}));
    assert_eq!(all["Listeners"].as_array().unwrap().len(), 2);
}

#[test]
fn a_port_is_listened_on_once_and_the_same_listener_is_made_once() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    assert_eq!(aws.listener(&balancer, 80), aws.listener(&balancer, 80));
    assert_eq!(aws.refused("CreateListener", https(&balancer, 80)), "DuplicateListener");
    let other = aws.listener(&balancer, 81);
    let moved = json!({"ListenerArn": other, "Port": 80});
    assert_eq!(aws.refused("ModifyListener", moved), "DuplicateListener");
}

#[test]
fn what_aws_refuses_is_refused() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let certificates = |numbers: &[u32]| {
        Value::from_iter(numbers.iter().map(|n| json!({"CertificateArn": certificate(*n)})))
    };
    let cases = [
        (json!({"LoadBalancerArn": "arn:x"}), "LoadBalancerNotFound"),
        (json!({"LoadBalancerArn": null}), "ValidationError"),
        (json!({"Port": 0}), "ValidationError"),
        (json!({"Protocol": "TCP"}), "UnsupportedProtocol"),
        (json!({"Certificates": null}), "CertificateNotFound"),
        (json!({"Certificates": []}), "ValidationError"),
        (json!({"Certificates": certificates(&[0, 1])}), "TooManyCertificates"),
        (json!({"Certificates": certificates(&[77])}), "CertificateNotFound"),
        (json!({"Certificates": certificates(&[99])}), "UnsupportedCertificate"),
        (json!({"SslPolicy": "TLS-1-3"}), "SSLPolicyNotFound"),
        (json!({"MutualAuthentication": {"Mode": "verify"}}), "ValidationError"),
        (
            json!({"MutualAuthentication": {"Mode": "verify", "TrustStoreArn": "arn:x"}}),
            "TrustStoreNotFound",
        ),
        (json!({"MutualAuthentication": {"Mode": "on"}}), "ValidationError"),
        (json!({"Protocol": "HTTP"}), "InvalidConfigurationRequest"),
        (json!({"DefaultActions": []}), "ValidationError"),
        (json!({"DefaultActions": [forward(&["arn:x"])]}), "TargetGroupNotFound"),
        (json!({"AlpnPolicy": ["HTTP2Only"]}), "ValidationError"),
    ];
    for (over, code) in cases {
        let asked = with(https(&balancer, 443), over.clone());
        assert_eq!(aws.refused("CreateListener", asked), code, "{over}");
    }
    let verify = json!({"MutualAuthentication": {"Mode": "verify", "TrustStoreArn": "arn:store"}});
    aws.elb("CreateListener", with(https(&balancer, 443), verify));
    assert_eq!(aws.refused("DeleteListener", json!({"ListenerArn": "arn:x"})), "ListenerNotFound");
}

#[test]
fn a_load_balancer_has_fifty_listeners() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    for port in 1..=50 {
        aws.listener(&balancer, port);
    }
    assert_eq!(aws.refused("CreateListener", http(&balancer, 51)), "TooManyListeners");
}

#[test]
fn a_modification_leaves_what_it_does_not_name() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let arn = aws.tls(&balancer, 443);
    let group = aws.group("shop");
    let on = |over: Value| with(json!({"ListenerArn": arn}), over);
    aws.elb(
        "AddListenerCertificates",
        on(json!({"Certificates": [{"CertificateArn": certificate(1)}]})),
    );
    aws.elb("ModifyListener", on(json!({"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})));
    aws.elb("ModifyListener", on(json!({"DefaultActions": [forward(&[&group])]})));
    aws.elb("ModifyListener", on(json!({"Certificates": [{"CertificateArn": certificate(2)}]})));
    let found = &aws.elb("DescribeListeners", json!({"ListenerArns": [arn]}))["Listeners"][0];
    assert_eq!(found["SslPolicy"], "ELBSecurityPolicy-TLS13-1-2-2021-06");
    assert_eq!(found["DefaultActions"][0]["TargetGroupArn"], group.as_str());
    let certificates = aws.elb("DescribeListenerCertificates", on(json!({})));
    assert_eq!(
        certificates["Certificates"],
        json!([{"CertificateArn": certificate(2), "IsDefault": true}, {"CertificateArn": certificate(1), "IsDefault": false}])
    );
    aws.elb("ModifyListener", on(json!({"Protocol": "HTTP"})));
    let found = &aws.elb("DescribeListeners", json!({"ListenerArns": [arn]}))["Listeners"][0];
    assert_eq!((found.get("SslPolicy"), found.get("Certificates")), (None, None));
}

#[test]
fn certificates_for_server_names_are_limited_to_25_per_load_balancer() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let listeners = [aws.tls(&balancer, 443), aws.tls(&balancer, 8443)];
    let add = |listener: &str, numbers: std::ops::Range<u32>| {
        let certificates: Vec<_> =
            numbers.map(|n| json!({"CertificateArn": certificate(n)})).collect();
        json!({"ListenerArn": listener, "Certificates": certificates})
    };
    aws.elb("AddListenerCertificates", add(&listeners[0], 0..21));
    aws.elb("AddListenerCertificates", add(&listeners[0], 0..21));
    aws.elb("AddListenerCertificates", add(&listeners[1], 0..6));
    assert_eq!(
        aws.refused("AddListenerCertificates", add(&listeners[1], 6..7)),
        "TooManyCertificates"
    );
    aws.elb("RemoveListenerCertificates", add(&listeners[0], 1..2));
    aws.elb("AddListenerCertificates", add(&listeners[1], 6..7));
    assert_eq!(
        aws.refused("AddListenerCertificates", add(&listeners[1], 99..100)),
        "UnsupportedCertificate"
    );
    let plain = aws.listener(&balancer, 80);
    assert_eq!(aws.refused("AddListenerCertificates", add(&plain, 0..1)), "OperationNotPermitted");
}

#[test]
fn attributes_depend_on_the_protocol() {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let [plain, tls] = [aws.listener(&balancer, 80), aws.tls(&balancer, 443)];
    let set = |arn: &str, key: &str| json!({"ListenerArn": arn, "Attributes": [{"Key": key, "Value": "x"}]});
    let header = "routing.http.request.x_amzn_tls_version.header_name";
    assert_eq!(aws.refused("ModifyListenerAttributes", set(&plain, header)), "ValidationError");
    aws.elb("ModifyListenerAttributes", set(&tls, header));
    let server = "routing.http.response.server.enabled";
    assert_eq!(aws.refused("ModifyListenerAttributes", set(&tls, server)), "ValidationError");
    let read = aws.elb("DescribeListenerAttributes", json!({"ListenerArn": tls}));
    assert!(read["Attributes"].as_array().unwrap().contains(&json!({"Key": header, "Value": "x"})));
}

#[test]
fn a_network_load_balancer_forwards_tcp_only() {
    let aws = Asked::new();
    let nlb = aws.elb("CreateLoadBalancer", with(balancer("nlb"), json!({"Type": "network"})));
    let nlb = text(&nlb["LoadBalancers"][0]["LoadBalancerArn"]);
    let http = aws.group("shop");
    let tcp =
        json!({"Name": "tcp", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip"});
    let tcp = text(&aws.elb("CreateTargetGroup", tcp)["TargetGroups"][0]["TargetGroupArn"]);
    let listener = |action: Value| json!({"LoadBalancerArn": nlb, "Port": 80, "Protocol": "TCP", "DefaultActions": [action]});
    assert_eq!(aws.refused("CreateListener", listener(not_found())), "InvalidLoadBalancerAction");
    assert_eq!(aws.refused("CreateListener", listener(forward(&[&http]))), "IncompatibleProtocols");
    aws.elb("CreateListener", listener(forward(&[&tcp])));
}
