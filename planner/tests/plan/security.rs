//! What a plan says of security: every way in which protection is lost, and that regaining it is no
//! loss.

use crate::given::{Given, ingress, services};
use crate::world::World;
use ingc_planner::plan::SecurityNote;

const CERTIFICATE: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/11111111-1111-4111-8111-111111111111";
const TRUST_STORE: &str = r#"[{"port":443,"mode":"verify","trustStore":"arn:aws:elasticloadbalancing:us-west-2:123456789012:truststore/partner-ca/0123456789abcdef"}]"#;
const EXPIRED_TOO: &str = r#"[{"port":443,"mode":"verify","trustStore":"arn:aws:elasticloadbalancing:us-west-2:123456789012:truststore/partner-ca/0123456789abcdef","ignoreClientCertificateExpiry":true}]"#;
const COGNITO: &str = r#"{"userPoolARN":"arn:aws:cognito-idp:us-west-2:123456789012:userpool/p","userPoolClientID":"c","userPoolDomain":"d"}"#;

type Annotations<'a> = &'a [(&'a str, &'a str)];

fn notes(before: Annotations<'_>, after: Annotations<'_>) -> Vec<SecurityNote> {
    let https: Annotations<'_> = &[
        ("certificate-arn", CERTIFICATE),
        ("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#),
        ("target-type", "ip"),
    ];
    let given = |more: Annotations<'_>| {
        let all: Vec<_> = https.iter().chain(more).copied().collect();
        Given::new(&(services("shop", &["a"]) + &ingress("shop/web", &all, &["x.test/ -> a"])))
    };
    let mut world = World::new();
    world.apply(&given(before).plan(&world.state).plan);
    given(after).plan(&world.state).plan.security
}

/// Taking the annotations away, or changing them, is a loss that is told; the way back is none.
#[track_caller]
fn check(strong: Annotations<'_>, weak: Annotations<'_>, expected: &str) {
    let lost = notes(strong, weak);
    let said = lost.iter().any(|note| note.weaker && note.text.contains(expected));
    assert!(said, "`{expected}` is not in {lost:#?}");
    assert!(lost.iter().all(|note| note.reason.is_some()), "{lost:#?}");
    let regained = notes(weak, strong);
    assert!(regained.iter().all(|note| !note.weaker), "{regained:#?}");
}

#[test]
fn every_loss_of_protection_is_told() {
    let attribute = |value| [("load-balancer-attributes", value)];
    check(
        &attribute("deletion_protection.enabled=true"),
        &[],
        "is no longer protected from deletion",
    );
    check(
        &attribute("routing.http.drop_invalid_header_fields.enabled=true"),
        &[],
        "no longer drops invalid header fields",
    );
    check(
        &attribute("access_logs.s3.enabled=true,access_logs.s3.bucket=logs"),
        &[],
        "no longer writes access logs",
    );
    check(
        &attribute("connection_logs.s3.enabled=true,connection_logs.s3.bucket=logs"),
        &[],
        "no longer writes connection logs",
    );
    check(
        &[],
        &attribute("waf.fail_open.enabled=true"),
        "lets requests through when its web ACL fails",
    );
    check(
        &[],
        &attribute("routing.http.desync_mitigation_mode=monitor"),
        "lets more ambiguous requests through",
    );
    check(
        &attribute("routing.http.desync_mitigation_mode=strictest"),
        &[],
        "lets more ambiguous requests through",
    );
    check(
        &[("inbound-cidrs", "10.0.0.0/8")],
        &[("inbound-cidrs", "10.0.0.0/8,0.0.0.0/0")],
        "admits everybody (0.0.0.0/0)",
    );
    check(
        &[("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06")],
        &[("ssl-policy", "ELBSecurityPolicy-2016-08")],
        "admits older TLS",
    );
    check(&[("ssl-redirect", "443")], &[], "no longer redirects to HTTPS");
    check(&[("backend-protocol", "HTTPS")], &[], "no longer encrypts what goes to its targets");
    check(&[("mutual-authentication", TRUST_STORE)], &[], "no longer verifies client certificates");
    check(
        &[("mutual-authentication", TRUST_STORE)],
        &[("mutual-authentication", EXPIRED_TOO)],
        "admits client certificates that have expired",
    );
    check(
        &[("auth-type", "cognito"), ("auth-idp-cognito", COGNITO)],
        &[],
        "no longer asks for a login",
    );
    check(
        &[("auth-type", "cognito"), ("auth-idp-cognito", COGNITO)],
        &[
            ("auth-type", "cognito"),
            ("auth-idp-cognito", COGNITO),
            ("auth-on-unauthenticated-request", "allow"),
        ],
        "lets requests through without a login",
    );
    check(&[("shield-advanced-protection", "true")], &[], "is no longer protected by Shield");
}

#[test]
fn security_groups_of_others_admit_what_nobody_here_can_tell() {
    let found = notes(&[], &[("security-groups", "sg-0aa11bb22cc33dd44")]);
    let said = |note: &SecurityNote| {
        note.weaker && note.text == "admits whom sg-0aa11bb22cc33dd44 admits, which is not ours"
    };
    assert!(found.iter().any(said), "{found:#?}");
}
