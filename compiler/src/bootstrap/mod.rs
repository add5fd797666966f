//! What the cluster and CI need of IAM, as a stack of its own: the issuer of the pods' tokens, the
//! controller's policy, its role for exactly one ServiceAccount, and roles of CI jobs.

#[cfg(test)]
mod tests;

use crate::diagnostic::code::settings as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Origin, Resource, Stack};
use crate::iam;
use crate::resource::{
    Address, Kind, ManagedPolicy, OidcProvider, Output, PolicyDocument, Ref, Role, Spec, Token,
};
use crate::settings::{CiRole, Issuer, STS, ServiceAccount, Settings};
use crate::source::{FileId, Span, Spanned};
use crate::tag::BOOTSTRAP_STACK;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The policy's name where nobody gives one, as the controller's installation has it.
const POLICY: &str = "AWSLoadBalancerControllerIAMPolicy";
/// What stands before the cluster's name in the role's, where nobody gives one.
const ROLE: &str = "AWSLoadBalancerController-";
/// IAM's longest name of a role.
const LONGEST_ROLE: usize = 64;

/// What settings do not say.
#[derive(Clone, Debug)]
pub struct Given<'g> {
    /// The issuer of the tokens of the cluster's pods.
    pub issuer: &'g Issuer,
    /// The partition of the account.
    pub partition: &'g str,
    /// What exists under these names and is somebody else's: it is used, and stays as it is, but
    /// for audiences that an issuer lacks.
    pub foreign: &'g BTreeMap<Address, Spec>,
    /// The documents of the CI roles' own policies, by the role.
    pub documents: &'g BTreeMap<String, PolicyDocument>,
}

/// The name of the controller's role.
pub fn role_name(settings: &Settings) -> String {
    let given = settings.ingc.bootstrap.role.as_ref();
    given.map_or_else(|| format!("{ROLE}{}", settings.cluster_name), |name| name.value.clone())
}

/// The name of the controller's policy.
pub fn policy_name(settings: &Settings) -> &str {
    settings.ingc.bootstrap.policy.as_ref().map_or(POLICY, |name| name.value.as_str())
}

/// The ServiceAccount of the controller.
pub fn service_account(settings: &Settings) -> ServiceAccount {
    let given = settings.ingc.bootstrap.service_account.as_ref();
    given.map(|account| account.value.clone()).unwrap_or_default()
}

/// Makes the stack. What is wrong beyond single settings is a finding.
pub fn stack(settings: &Settings, given: &Given<'_>, diagnostics: &mut Diagnostics) -> Stack {
    check(settings, given.issuer, diagnostics);
    let mut maker = Maker { settings, given, stack: Stack::default() };
    maker.stack.id = BOOTSTRAP_STACK.into();
    maker.providers();
    let policy = maker.policy();
    maker.controller(policy);
    for (name, role) in &settings.ingc.bootstrap.ci {
        maker.ci(name, role);
    }
    maker.stack
}

fn check(settings: &Settings, issuer: &Issuer, diagnostics: &mut Diagnostics) {
    let bootstrap = &settings.ingc.bootstrap;
    let name = role_name(settings);
    let start = bootstrap.span.or(settings.span);
    if name.len() > LONGEST_ROLE && bootstrap.role.is_none() {
        let message = format!("`{name}` is too long for the name of a role");
        let hint = "write ingc: {bootstrap: {role: NAME}}, with up to 64 characters";
        let finding = Diagnostic::error(&code::BOOTSTRAP, message).path("ingc.bootstrap.role");
        diagnostics.push(at(finding, start).hint(hint));
    }
    if let Some(role) = bootstrap.ci.get(&name) {
        let message = format!("`{name}` is the controller's role already");
        let finding = Diagnostic::error(&code::BOOTSTRAP, message).at(role.span);
        let path = format!("ingc.bootstrap.ci[{name}]");
        diagnostics.push(finding.path(path).hint("give one of the two another name"));
    }
    let policy = policy_name(settings);
    if let Some(file) = bootstrap.ci.get(policy).and_then(|role| role.policy_file.as_ref()) {
        let message = format!("`{policy}` is the controller's policy already");
        let finding = Diagnostic::error(&code::BOOTSTRAP, message).at(file.span);
        let path = format!("ingc.bootstrap.ci[{policy}].policyFile");
        diagnostics.push(finding.path(path).hint("give the role another name"));
    }
    let region = issuer.region().filter(|region| *region != settings.region);
    if let Some(region) = region.filter(|_| !settings.region.is_empty()) {
        let message = format!(
            "the issuer is of a cluster in {region}, and `{}` is in {}",
            settings.cluster_name, settings.region
        );
        let hint = format!(
            "write what `aws eks describe-cluster --name {} --query cluster.identity.oidc.issuer` prints",
            settings.cluster_name
        );
        let place = bootstrap.issuer.as_ref().map(|issuer| issuer.span).or(start);
        let finding = Diagnostic::error(&code::BOOTSTRAP, message).path("ingc.bootstrap.issuer");
        diagnostics.push(at(finding, place).hint(hint));
    }
}

fn at(finding: Diagnostic, span: Option<Span>) -> Diagnostic {
    match span {
        Some(span) => finding.at(span),
        None => finding,
    }
}

struct Maker<'m> {
    settings: &'m Settings,
    given: &'m Given<'m>,
    stack: Stack,
}

impl Maker<'_> {
    fn insert(&mut self, id: &str, spec: Spec, source: &str, span: Option<Span>) {
        let bootstrap = &self.settings.ingc.bootstrap;
        let start = Span { file: FileId(0), lo: 0, hi: 0 };
        let span = span.or(bootstrap.span).or(self.settings.span).unwrap_or(start);
        let mut resource = Resource::new(spec);
        resource.origins.push(Origin {
            field: "".into(),
            object: format!("Cluster/{}", self.settings.cluster_name).into(),
            source: source.to_owned().into(),
            span,
        });
        self.stack.insert(id, resource);
    }

    /// Takes what somebody else has made as it is, if there is such a thing.
    fn foreign(&self, kind: Kind, id: &str) -> Option<&Spec> {
        self.given.foreign.get(&Address::new(BOOTSTRAP_STACK, kind, id))
    }

    /// The issuers, each with all that is asked of it.
    fn providers(&mut self) {
        let bootstrap = &self.settings.ingc.bootstrap;
        let own = (
            self.given.issuer,
            STS,
            &[][..],
            "ingc.bootstrap.issuer".to_owned(),
            bootstrap.issuer.as_ref().map(|it| it.span),
        );
        let ci = bootstrap.ci.iter().map(|(name, role)| {
            let source = format!("ingc.bootstrap.ci[{name}]");
            (
                &role.issuer,
                role.audience.as_str(),
                role.thumbprints.as_slice(),
                source,
                Some(role.span),
            )
        });
        let mut providers: BTreeMap<&Issuer, (OidcProvider, String, Option<Span>)> =
            BTreeMap::new();
        for (issuer, audience, thumbprints, source, span) in std::iter::once(own).chain(ci) {
            let (provider, ..) = providers.entry(issuer).or_insert_with(|| {
                let found = match self.foreign(Kind::OidcProvider, issuer.name()) {
                    Some(Spec::OidcProvider(theirs)) => theirs.clone(),
                    _ => OidcProvider {
                        tags: self.settings.default_tags.clone(),
                        url: issuer.url().to_owned(),
                        ..OidcProvider::default()
                    },
                };
                (found, source, span)
            });
            add(&mut provider.client_ids, audience);
            let is_theirs = self.foreign(Kind::OidcProvider, issuer.name()).is_some();
            for text in thumbprints.iter().filter(|_| !is_theirs) {
                add(&mut provider.thumbprints, &text.value.to_ascii_lowercase());
            }
        }
        let made: Vec<_> = providers.into_iter().collect();
        for (issuer, (provider, source, span)) in made {
            self.insert(issuer.name(), Spec::OidcProvider(provider), &source, span);
        }
    }

    fn policy(&mut self) -> Token {
        let name = policy_name(self.settings).to_owned();
        let bootstrap = &self.settings.ingc.bootstrap;
        let spec = match self.foreign(Kind::ManagedPolicy, &name) {
            Some(theirs) => theirs.clone(),
            None => Spec::ManagedPolicy(ManagedPolicy {
                description: "What the AWS Load Balancer Controller may do, made by ingc"
                    .to_owned(),
                name: name.clone(),
                document: iam::controller(bootstrap.permissions, self.given.partition),
                tags: self.settings.default_tags.clone(),
                shared: false,
            }),
        };
        let span = bootstrap.policy.as_ref().map(|it| it.span);
        self.insert(&name, spec, "ingc.bootstrap.policy", span);
        Ref::new(Kind::ManagedPolicy, name, Output::PolicyArn).into()
    }

    fn controller(&mut self, policy: Token) {
        let bootstrap = &self.settings.ingc.bootstrap;
        let account = service_account(self.settings);
        let subject = format!("system:serviceaccount:{}:{}", account.namespace, account.name);
        let name = role_name(self.settings);
        let role = Role {
            trust: trust(self.given.issuer, STS, &[subject]),
            description: format!(
                "AWS Load Balancer Controller of cluster {}, made by ingc",
                self.settings.cluster_name
            ),
            managed_policies: vec![policy],
            permissions_boundary: self.boundary(),
            name: name.clone(),
            tags: self.settings.default_tags.clone(),
        };
        let span = bootstrap.role.as_ref().map(|it| it.span);
        self.insert(&name, Spec::Role(role), "ingc.bootstrap.role", span);
    }

    fn ci(&mut self, name: &str, role: &CiRole) {
        let text = |text: &Spanned<String>| text.value.clone();
        let subjects: Vec<String> = role.subjects.iter().map(text).collect();
        let policies: BTreeSet<String> = role.policies.iter().map(text).collect();
        let own =
            self.given.documents.get(name).map(|document| self.own_policy(name, role, document));
        let spec = Role {
            trust: trust(&role.issuer, &role.audience, &subjects),
            description: format!(
                "CI jobs for cluster {}, made by ingc",
                self.settings.cluster_name
            ),
            managed_policies: own
                .into_iter()
                .chain(policies.into_iter().map(Token::Literal))
                .collect(),
            permissions_boundary: self.boundary(),
            name: name.to_owned(),
            tags: self.settings.default_tags.clone(),
        };
        let source = format!("ingc.bootstrap.ci[{name}]");
        self.insert(name, Spec::Role(spec), &source, Some(role.span));
    }

    /// The policy that a CI role has for itself, which has the role's name.
    fn own_policy(&mut self, name: &str, role: &CiRole, document: &PolicyDocument) -> Token {
        let spec = match self.foreign(Kind::ManagedPolicy, name) {
            Some(theirs) => theirs.clone(),
            None => Spec::ManagedPolicy(ManagedPolicy {
                description: format!(
                    "What CI jobs for cluster {} may do, made by ingc",
                    self.settings.cluster_name
                ),
                name: name.to_owned(),
                document: document.clone(),
                tags: self.settings.default_tags.clone(),
                shared: false,
            }),
        };
        let span = role.policy_file.as_ref().map(|file| file.span);
        self.insert(name, spec, &format!("ingc.bootstrap.ci[{name}].policyFile"), span);
        Ref::new(Kind::ManagedPolicy, name, Output::PolicyArn).into()
    }

    fn boundary(&self) -> Option<String> {
        let boundary = self.settings.ingc.bootstrap.permissions_boundary.as_ref();
        boundary.map(|arn| arn.value.clone())
    }
}

/// Adds to a sorted list.
fn add(list: &mut Vec<String>, text: &str) {
    if let Err(place) = list.binary_search_by(|item| item.as_str().cmp(text)) {
        list.insert(place, text.to_owned());
    }
}

/// Who may take a role: holders of tokens of one issuer, for one audience, with these subjects.
fn trust(issuer: &Issuer, audience: &str, subjects: &[String]) -> PolicyDocument {
    let provider = Ref::new(Kind::OidcProvider, issuer.name(), Output::ProviderArn);
    let (sub, aud) = (format!("{}:sub", issuer.name()), format!("{}:aud", issuer.name()));
    let has_wildcard = subjects.iter().any(|subject| subject.contains(['*', '?']));
    let condition = match has_wildcard {
        true => json!({"StringEquals": {aud: audience}, "StringLike": {sub: subjects}}),
        false => json!({"StringEquals": {aud: audience, sub: subjects}}),
    };
    PolicyDocument::new(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }],
    }))
}
