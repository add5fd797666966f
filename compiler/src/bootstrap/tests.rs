//! What settings and what exists make of the stack.

use super::*;
use crate::settings;
use crate::source::Sources;

const ISSUER: &str =
    "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";

fn made(text: &str, foreign: &BTreeMap<Address, Spec>) -> (Stack, Vec<String>) {
    let mut sources = Sources::new();
    let file = sources.add("ingc.yaml", text);
    let mut findings = Diagnostics::new();
    let settings = settings::read(&sources, &[file], &mut findings);
    let issuer = Issuer::parse(ISSUER).unwrap();
    let issuer = settings.ingc.bootstrap.issuer.as_ref().map_or(&issuer, |it| &it.value);
    let document = PolicyDocument::new(json!({"Statement": {"Action": "ec2:*"}}));
    let files = settings.ingc.bootstrap.ci.iter().filter(|(_, role)| role.policy_file.is_some());
    let documents = files.map(|(name, _)| (name.clone(), document.clone())).collect();
    let given = Given { issuer, partition: "aws", foreign, documents: &documents };
    let stack = stack(&settings, &given, &mut findings);
    let told = findings.iter().map(|finding| {
        let place = finding.span.map(|span| sources.position(span).to_string());
        format!("{} {}", place.unwrap_or_default(), finding.message)
    });
    (stack, told.collect())
}

fn spec(stack: &Stack, kind: Kind, id: &str) -> serde_json::Value {
    let resource = &stack.resources[&Address::new(BOOTSTRAP_STACK, kind, id)];
    serde_json::from_str(&resource.spec_json()).unwrap()
}

#[test]
fn the_role_trusts_exactly_one_service_account() {
    let (stack, findings) = made("clusterName: prod\nregion: eu-central-1\n", &BTreeMap::new());
    assert_eq!(findings, [""; 0]);
    let role = spec(&stack, Kind::Role, "AWSLoadBalancerController-prod");
    let name = ISSUER.trim_start_matches("https://");
    let provider = format!("#/resources/AWS::IAM::OIDCProvider/{name}/status/providerARN");
    // The form that EKS documents for roles of ServiceAccounts.
    assert_eq!(
        role["assumeRolePolicyDocument"],
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": {"$ref": provider}},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
                (format!("{name}:aud")): "sts.amazonaws.com",
                (format!("{name}:sub")): "system:serviceaccount:kube-system:aws-load-balancer-controller",
            }},
        }]})
    );
    let refs: Vec<Kind> =
        stack.resources.values().flat_map(Resource::refs).map(|reference| reference.kind).collect();
    assert_eq!(refs, [Kind::ManagedPolicy, Kind::OidcProvider]);
    let provider = spec(&stack, Kind::OidcProvider, name);
    assert_eq!(provider, json!({"clientIDs": ["sts.amazonaws.com"], "url": ISSUER}));
}

#[test]
fn jobs_of_ci_have_roles_of_their_own() {
    let text = "clusterName: prod\ningc:\n  bootstrap:\n    ci:\n      deploy:\n        github: [repo:acme/shop:ref:refs/heads/main, repo:acme/shop:environment:prod]\n        policies: [arn:aws:iam::111122223333:policy/other]\n        policyFile: deploy.json\n      plan: {gitlab: 'project_path:acme/*:ref_type:branch:ref:*'}\n";
    let (stack, findings) = made(text, &BTreeMap::new());
    assert_eq!(findings, [""; 0]);
    let github = "token.actions.githubusercontent.com";
    let condition = |name: &str| {
        spec(&stack, Kind::Role, name)["assumeRolePolicyDocument"]["Statement"][0]["Condition"]
            .clone()
    };
    assert_eq!(
        condition("deploy"),
        json!({"StringEquals": {
            (format!("{github}:aud")): "sts.amazonaws.com",
            (format!("{github}:sub")): ["repo:acme/shop:environment:prod", "repo:acme/shop:ref:refs/heads/main"],
        }})
    );
    assert_eq!(
        condition("plan"),
        json!({"StringEquals": {"gitlab.com:aud": "https://gitlab.com"},
            "StringLike": {"gitlab.com:sub": "project_path:acme/*:ref_type:branch:ref:*"}})
    );
    assert_eq!(
        spec(&stack, Kind::Role, "deploy")["managedPolicyARNs"],
        json!([
            {"$ref": "#/resources/AWS::IAM::ManagedPolicy/deploy/status/policyARN"},
            "arn:aws:iam::111122223333:policy/other",
        ])
    );
    let own = spec(&stack, Kind::ManagedPolicy, "deploy");
    assert_eq!(own["policyDocument"], json!({"Statement": [{"Action": "ec2:*"}]}));
    assert_eq!(spec(&stack, Kind::OidcProvider, github)["clientIDs"], json!(["sts.amazonaws.com"]));
}

#[test]
fn what_is_somebody_elses_stays_as_it_is_but_for_the_audience() {
    let name = ISSUER.trim_start_matches("https://");
    let theirs = OidcProvider {
        client_ids: vec!["vault".to_owned()],
        thumbprints: vec!["ab".to_owned()],
        url: ISSUER.to_owned(),
        shared: true,
        ..OidcProvider::default()
    };
    let address = Address::new(BOOTSTRAP_STACK, Kind::OidcProvider, name);
    let foreign = BTreeMap::from([(address, Spec::OidcProvider(theirs))]);
    let (stack, _) = made("clusterName: prod\ndefaultTags: {team: web}\n", &foreign);
    let provider = spec(&stack, Kind::OidcProvider, name);
    let expected = json!({"clientIDs": ["sts.amazonaws.com", "vault"], "shared": true, "thumbprints": ["ab"], "url": ISSUER});
    assert_eq!(provider, expected);
}

#[test]
fn mistakes_are_told_where_they_stand() {
    let check = |bootstrap: &str, expected: &[&str]| {
        let text =
            format!("clusterName: prod\nregion: eu-west-1\ningc:\n  bootstrap:\n{bootstrap}");
        let (_, mut findings) = made(&text, &BTreeMap::new());
        findings.retain(|finding| !finding.contains("is of a cluster in eu-central-1"));
        assert_eq!(findings, expected, "{bootstrap}");
    };
    check(
        "    issuer: oidc.eks.eu-west-1.amazonaws.com/id/X\n",
        &[
            "ingc.yaml:5:13 `oidc.eks.eu-west-1.amazonaws.com/id/X` is no issuer: it does not begin with `https://`",
        ],
    );
    check(
        "    serviceAccount: kube-system/*\n",
        &["ingc.yaml:5:21 `kube-system/*` is not the name of one ServiceAccount"],
    );
    check("    role: a b\n", &["ingc.yaml:5:11 `a b` cannot be a name in IAM"]);
    check(
        "    permissionsBoundary: boundary\n",
        &["ingc.yaml:5:26 `boundary` is not the ARN of a policy"],
    );
    check(
        "    ci: {deploy: {github: 'repo:*'}}\n",
        &["ingc.yaml:5:27 `repo:*` lets jobs of other owners take the role"],
    );
    check(
        "    ci: {deploy: {policies: []}}\n",
        &["ingc.yaml:5:10 the role `deploy` is for the jobs of neither or both"],
    );
    check(
        "    role: deploy\n    ci: {deploy: {github: 'repo:acme/shop:ref:refs/heads/main'}}\n",
        &["ingc.yaml:6:10 `deploy` is the controller's role already"],
    );
    check(
        "    policy: deploy\n    ci: {deploy: {github: 'repo:acme/shop:*', policyFile: x}}\n",
        &["ingc.yaml:6:59 `deploy` is the controller's policy already"],
    );
    let long = "c".repeat(50);
    let (_, findings) = made(&format!("clusterName: {long}\n"), &BTreeMap::new());
    assert!(findings[0].contains("is too long for the name of a role"), "{findings:?}");
    let (_, findings) = made("clusterName: prod\nregion: eu-west-1\n", &BTreeMap::new());
    assert!(
        findings[0]
            .contains("the issuer is of a cluster in eu-central-1, and `prod` is in eu-west-1")
    );
}
