//! Rules, their actions and conditions.

use super::*;

fn setup() -> (Asked, String, String) {
    let aws = Asked::new();
    let balancer = aws.balancer("web");
    let [plain, tls] = [aws.listener(&balancer, 80), aws.tls(&balancer, 443)];
    (aws, plain, tls)
}

fn priorities(aws: &Asked, listener: &str) -> Vec<String> {
    let found = aws.elb("DescribeRules", json!({"ListenerArn": listener}));
    found["Rules"].as_array().unwrap().iter().map(|rule| text(&rule["Priority"])).collect()
}

#[test]
fn rules_are_listed_by_priority_and_the_default_rule_last() {
    let (aws, listener, _) = setup();
    for priority in [30, 7, 200] {
        aws.rule(&listener, priority);
    }
    assert_eq!(priorities(&aws, &listener), ["7", "30", "200", "default"]);
    let found = aws.elb("DescribeRules", json!({"ListenerArn": listener}));
    let default = &found["Rules"][3];
    assert_eq!(default["IsDefault"], true);
    let on = json!({"RuleArn": default["RuleArn"]});
    assert_eq!(aws.refused("DeleteRule", on.clone()), "OperationNotPermitted");
    assert_eq!(aws.refused("ModifyRule", on.clone()), "OperationNotPermitted");
    let moved = json!({"RulePriorities": [with(on, json!({"Priority": 9}))]});
    assert_eq!(aws.refused("SetRulePriorities", moved), "OperationNotPermitted");
}

#[test]
fn a_priority_is_used_once_per_listener() {
    let (aws, plain, tls) = setup();
    aws.rule(&plain, 1);
    aws.rule(&tls, 1);
    let again = path_rule(&plain, 1, &[not_found()]);
    assert_eq!(aws.refused("CreateRule", again.clone()), "PriorityInUse");
    for priority in [0, 50001] {
        let asked = with(again.clone(), json!({"Priority": priority}));
        assert_eq!(aws.refused("CreateRule", asked), "ValidationError");
    }
}

#[test]
fn priorities_are_set_all_at_once_or_not_at_all() {
    let (aws, listener, _) = setup();
    let [a, b, c] = [1, 2, 3].map(|priority| aws.rule(&listener, priority));
    let set = |pairs: &[(&String, i32)]| {
        let pairs: Vec<_> =
            pairs.iter().map(|(arn, p)| json!({"RuleArn": arn, "Priority": p})).collect();
        json!({"RulePriorities": pairs})
    };
    aws.elb("SetRulePriorities", set(&[(&a, 2), (&b, 1)]));
    let found = aws.elb("DescribeRules", json!({"RuleArns": [a, b, c]}));
    let now: Vec<_> =
        found["Rules"].as_array().unwrap().iter().map(|r| text(&r["Priority"])).collect();
    assert_eq!(now, ["2", "1", "3"]);
    assert_eq!(aws.refused("SetRulePriorities", set(&[(&a, 7), (&b, 3)])), "PriorityInUse");
    assert_eq!(aws.refused("SetRulePriorities", set(&[(&a, 7), (&b, 7)])), "PriorityInUse");
    assert_eq!(aws.refused("SetRulePriorities", set(&[(&a, 7), (&a, 8)])), "ValidationError");
    assert_eq!(aws.refused("SetRulePriorities", set(&[(&format!("{a}x"), 7)])), "RuleNotFound");
    assert_eq!(aws.refused("SetRulePriorities", set(&[(&a, 0)])), "ValidationError");
}

#[test]
fn a_load_balancer_has_a_hundred_rules_over_all_its_listeners() {
    let (aws, plain, tls) = setup();
    for priority in 1..=60 {
        aws.rule(&plain, priority);
    }
    for priority in 1..=40 {
        aws.rule(&tls, priority);
    }
    assert_eq!(aws.refused("CreateRule", path_rule(&tls, 41, &[not_found()])), "TooManyRules");
}

#[test]
fn a_rule_that_does_not_exist_is_not_found() {
    let (aws, plain, _) = setup();
    let rule = aws.rule(&plain, 1);
    aws.elb("DeleteRule", json!({"RuleArn": rule}));
    for action in ["DeleteRule", "ModifyRule"] {
        assert_eq!(aws.refused(action, json!({"RuleArn": rule})), "RuleNotFound");
    }
    assert_eq!(aws.refused("DescribeRules", json!({"RuleArns": [rule]})), "RuleNotFound");
    assert_eq!(
        aws.refused("CreateRule", path_rule("arn:x", 1, &[not_found()])),
        "ListenerNotFound"
    );
}

#[test]
fn actions_that_aws_refuses_are_refused() {
    let (aws, plain, tls) = setup();
    let groups: Vec<_> = (0..6).map(|n| aws.group(&format!("g{n}"))).collect();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let grpc =
        aws.elb("CreateTargetGroup", with(group("grpc"), json!({"ProtocolVersion": "GRPC"})));
    let grpc = text(&grpc["TargetGroups"][0]["TargetGroupArn"]);
    let redirect = |config: Value| json!({"Type": "redirect", "RedirectConfig": with(json!({"StatusCode": "HTTP_301"}), config)});
    let fixed = |config: Value| json!({"Type": "fixed-response", "FixedResponseConfig": with(json!({"StatusCode": "404"}), config)});
    let weighted = |weight: i32, stickiness: Value| {
        json!({"Type": "forward", "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": groups[0], "Weight": weight}],
            "TargetGroupStickinessConfig": stickiness,
        }})
    };
    let oidc = |over: Value| {
        let config = json!({
            "Issuer": "https://i", "AuthorizationEndpoint": "https://a", "TokenEndpoint": "https://t",
            "UserInfoEndpoint": "https://u", "ClientId": "id", "ClientSecret": "secret",
        });
        json!({"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": with(config, over)})
    };
    let jwt = |over: Value| {
        let config = json!({"JwksEndpoint": "https://j", "Issuer": "i"});
        json!({"Type": "jwt-validation", "JwtValidationConfig": with(config, over)})
    };
    let invalid = "InvalidLoadBalancerAction";
    let validation = "ValidationError";
    let cases = [
        (&plain, vec![], validation),
        (&plain, vec![not_found(), not_found()], "TooManyActions"),
        (&plain, vec![forward(&["arn:x"])], "TargetGroupNotFound"),
        (&plain, vec![forward(&[])], "TooManyTargetGroups"),
        (&plain, vec![forward(&groups)], "TooManyTargetGroups"),
        (&plain, vec![forward(&[groups[0], groups[0]])], invalid),
        (&plain, vec![forward(&[&grpc])], "InvalidConfigurationRequest"),
        (&plain, vec![weighted(1000, json!({}))], validation),
        (&plain, vec![weighted(1, json!({"Enabled": true}))], validation),
        (&plain, vec![weighted(1, json!({"Enabled": true, "DurationSeconds": 0}))], validation),
        (&plain, vec![redirect(json!({}))], invalid),
        (&plain, vec![redirect(json!({"Protocol": "HTTP"}))], invalid),
        (&tls, vec![redirect(json!({"Protocol": "HTTP"}))], invalid),
        (
            &plain,
            vec![redirect(json!({"Protocol": "HTTPS", "StatusCode": "HTTP_307"}))],
            validation,
        ),
        (&plain, vec![redirect(json!({"Protocol": "HTTPS", "Port": "0"}))], validation),
        (&plain, vec![redirect(json!({"Path": "x"}))], validation),
        (&plain, vec![redirect(json!({"Host": "h".repeat(129)}))], validation),
        (&plain, vec![fixed(json!({"StatusCode": "301"}))], validation),
        (&plain, vec![fixed(json!({"StatusCode": "4040"}))], validation),
        (&plain, vec![fixed(json!({"ContentType": "text/xml"}))], validation),
        (&plain, vec![fixed(json!({"MessageBody": "x".repeat(1025)}))], validation),
        (&plain, vec![oidc(json!({})), not_found()], invalid),
        (&tls, vec![oidc(json!({}))], invalid),
        (&tls, vec![oidc(json!({"ClientSecret": null})), not_found()], validation),
        (
            &tls,
            vec![oidc(json!({"ClientSecret": null, "UseExistingClientSecret": true})), not_found()],
            validation,
        ),
        (&tls, vec![oidc(json!({"TokenEndpoint": "http://t"})), not_found()], validation),
        (&tls, vec![oidc(json!({"SessionTimeout": 604_801})), not_found()], validation),
        (&tls, vec![oidc(json!({"OnUnauthenticatedRequest": "maybe"})), not_found()], validation),
        (&tls, vec![jwt(json!({"JwksEndpoint": "j"})), not_found()], validation),
        (
            &tls,
            vec![
                jwt(json!({"AdditionalClaims": [{"Format": "x", "Name": "n", "Values": []}]})),
                not_found(),
            ],
            validation,
        ),
        (&tls, vec![json!({"Type": "teleport"}), not_found()], validation),
    ];
    for (n, (listener, actions, code)) in cases.into_iter().enumerate() {
        let refused = aws.refused("CreateRule", path_rule(listener, 1, &actions));
        assert_eq!(refused, code, "case {n}: {actions:?}");
    }
    aws.elb("CreateRule", path_rule(&tls, 1, &[forward(&[&grpc])]));
    aws.elb("CreateRule", path_rule(&plain, 1, &[forward(&groups[..5])]));
    aws.elb("CreateRule", path_rule(&tls, 2, &[jwt(json!({})), not_found()]));
}

#[test]
fn a_load_balancer_serves_a_hundred_target_groups() {
    let (aws, plain, _) = setup();
    let groups: Vec<_> = (0..101).map(|n| aws.group(&format!("g{n}"))).collect();
    for (n, five) in groups[..100].chunks(5).enumerate() {
        let five: Vec<&str> = five.iter().map(String::as_str).collect();
        aws.elb("CreateRule", path_rule(&plain, n as i32 + 1, &[forward(&five)]));
    }
    aws.elb("CreateRule", path_rule(&plain, 99, &[forward(&[&groups[0]])]));
    let asked = path_rule(&plain, 100, &[forward(&[&groups[100]])]);
    assert_eq!(aws.refused("CreateRule", asked), "TooManyUniqueTargetGroupsPerLoadBalancer");
}

#[test]
fn aws_fills_in_what_an_action_leaves_out_and_never_shows_a_client_secret() {
    let (aws, plain, tls) = setup();
    let redirect = json!({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}});
    let made = aws.elb("CreateRule", path_rule(&plain, 1, &[redirect]));
    assert_eq!(
        made["Rules"][0]["Actions"][0]["RedirectConfig"],
        json!({"Protocol": "HTTPS", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"})
    );
    let group = aws.group("shop");
    let made = aws.elb(
        "CreateRule",
        path_rule(&plain, 2, &[json!({"Type": "forward", "TargetGroupArn": group})]),
    );
    assert_eq!(
        made["Rules"][0]["Actions"][0]["ForwardConfig"],
        json!({"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": false}})
    );
    let config = json!({
        "Issuer": "https://i", "AuthorizationEndpoint": "https://a", "TokenEndpoint": "https://t",
        "UserInfoEndpoint": "https://u", "ClientId": "id", "ClientSecret": "hunter2",
    });
    let oidc = json!({"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": config});
    let made = aws.elb(
        "CreateRule",
        path_rule(&tls, 1, &[oidc.clone(), with(not_found(), json!({"Order": 2}))]),
    );
    let shown = &made["Rules"][0]["Actions"][0]["AuthenticateOidcConfig"];
    assert_eq!(shown["SessionTimeout"], 604_800);
    assert_eq!(shown["SessionCookieName"], "AWSELBAuthSessionCookie");
    assert!(!aws.0.text().contains("hunter2") && !made.to_string().contains("hunter2"));
    let kept = with(
        config,
        json!({"ClientSecret": null, "UseExistingClientSecret": true, "Scope": "email"}),
    );
    let kept = with(oidc, json!({"AuthenticateOidcConfig": kept}));
    let modified = json!({"RuleArn": made["Rules"][0]["RuleArn"], "Actions": [kept, with(not_found(), json!({"Order": 2}))]});
    let modified = aws.elb("ModifyRule", modified);
    assert_eq!(modified["Rules"][0]["Actions"][0]["AuthenticateOidcConfig"]["Scope"], "email");
}

#[test]
fn conditions_that_aws_refuses_are_refused() {
    let (aws, plain, _) = setup();
    let paths =
        |values: &[&str]| json!({"Field": "path-pattern", "PathPatternConfig": {"Values": values}});
    let host =
        |value: &str| json!({"Field": "host-header", "HostHeaderConfig": {"Values": [value]}});
    let header = |name: &str, values: Value| json!({"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": name, "Values": values}});
    let method = |value: &str| json!({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": [value]}});
    let source = |value: &str| json!({"Field": "source-ip", "SourceIpConfig": {"Values": [value]}});
    let query = json!({"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b"}, {"Value": "c"}]}});
    let cases = [
        vec![],
        vec![json!({"Field": "cookie", "Values": ["a"]})],
        vec![json!({"Field": "path-pattern"})],
        vec![json!({"Field": "host-header", "PathPatternConfig": {"Values": ["/"]}})],
        vec![paths(&["/1", "/2", "/3", "/4", "/5", "/6"])],
        vec![paths(&["/1", "/2", "/3", "/4"]), query.clone()],
        vec![paths(&["/*/*/*/*", "/*/*/*"])],
        vec![path("/a"), path("/b")],
        vec![host("a.b"), host("c.d")],
        vec![path(&format!("/{}", "a".repeat(128)))],
        vec![path("")],
        vec![path("/a b")],
        vec![host("a b.com")],
        vec![header("Host", json!(["a"]))],
        vec![header(&"h".repeat(41), json!(["a"]))],
        vec![header("X-A", json!([]))],
        vec![method("get")],
        vec![source("10.0.0.1")],
        vec![source("10.0.0.0/33")],
    ];
    for conditions in cases {
        let asked = with(path_rule(&plain, 1, &[not_found()]), json!({"Conditions": conditions}));
        assert_eq!(aws.refused("CreateRule", asked), "ValidationError", "{conditions:?}");
    }
    let all = json!([
        path("/a/*"),
        host("*.example.com"),
        header("X-A", json!(["a"])),
        method("GET"),
        source("10.0.0.0/8")
    ]);
    aws.elb("CreateRule", with(path_rule(&plain, 1, &[not_found()]), json!({"Conditions": all})));
    let regex = json!([{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/(a|b)+$"]}}, query]);
    let made = aws.elb(
        "CreateRule",
        with(path_rule(&plain, 2, &[not_found()]), json!({"Conditions": regex})),
    );
    assert_eq!(
        made["Rules"][0]["Conditions"][0]["PathPatternConfig"],
        json!({"RegexValues": ["^/(a|b)+$"]})
    );
    let short = json!([{"Field": "host-header", "Values": ["a.com"]}]);
    let made = aws.elb(
        "CreateRule",
        with(path_rule(&plain, 3, &[not_found()]), json!({"Conditions": short})),
    );
    assert_eq!(made["Rules"][0]["Conditions"][0]["HostHeaderConfig"], json!({"Values": ["a.com"]}));
}

#[test]
fn transforms_are_one_of_each_type() {
    let (aws, plain, _) = setup();
    let rewrite = |n: usize| {
        let rewrites = vec![json!({"Regex": "^/a", "Replace": "/b"}); n];
        json!({"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": rewrites}})
    };
    for transforms in [
        json!([rewrite(0)]),
        json!([rewrite(2)]),
        json!([rewrite(1), rewrite(1)]),
        json!([{"Type": "x"}]),
    ] {
        let asked = with(path_rule(&plain, 1, &[not_found()]), json!({"Transforms": transforms}));
        assert_eq!(aws.refused("CreateRule", asked), "ValidationError");
    }
    let made = with(path_rule(&plain, 1, &[not_found()]), json!({"Transforms": [rewrite(1)]}));
    let rule = text(&aws.elb("CreateRule", made)["Rules"][0]["RuleArn"]);
    let both = json!({"RuleArn": rule, "Transforms": [rewrite(1)], "ResetTransforms": true});
    assert_eq!(aws.refused("ModifyRule", both), "ValidationError");
    aws.elb("ModifyRule", json!({"RuleArn": rule, "Conditions": [path("/c")]}));
    let found = aws.elb("DescribeRules", json!({"RuleArns": [rule]}));
    assert_eq!(found["Rules"][0]["Transforms"], json!([rewrite(1)]));
    let reset = aws.elb("ModifyRule", json!({"RuleArn": rule, "ResetTransforms": true}));
    assert_eq!(reset["Rules"][0]["Transforms"], json!([]));
}
