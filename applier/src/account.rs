//! The seam to an AWS account: one call by AWS's own name and parameters, one answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::future::Future;

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Service {
    /// Load balancers, listeners, rules, target groups.
    #[serde(rename = "elasticloadbalancing")]
    ElasticLoadBalancing,
    /// Security groups and what stands in the VPC.
    #[serde(rename = "ec2")]
    Ec2,
    /// Certificates.
    #[serde(rename = "acm")]
    Acm,
    /// Web ACLs.
    #[serde(rename = "wafv2")]
    Wafv2,
    /// WAF Classic, which AWS has ended.
    #[serde(rename = "waf-regional")]
    WafRegional,
    /// Shield Advanced.
    #[serde(rename = "shield")]
    Shield,
    /// Issuers of tokens, policies, roles.
    #[serde(rename = "iam")]
    Iam,
    /// Clusters.
    #[serde(rename = "eks")]
    Eks,
    /// Tags across services.
    #[serde(rename = "tagging")]
    Tagging,
    /// The cluster's API server: TargetGroupBindings. Not AWS.
    #[serde(rename = "kubernetes")]
    Kubernetes,
}

impl Service {
    /// The name in events and messages.
    pub fn name(self) -> &'static str {
        match self {
            Service::ElasticLoadBalancing => "elasticloadbalancing",
            Service::Ec2 => "ec2",
            Service::Acm => "acm",
            Service::Wafv2 => "wafv2",
            Service::WafRegional => "waf-regional",
            Service::Shield => "shield",
            Service::Iam => "iam",
            Service::Eks => "eks",
            Service::Tagging => "tagging",
            Service::Kubernetes => "kubernetes",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One call.
#[derive(Clone, PartialEq)]
pub struct Call {
    /// Who answers it.
    pub service: Service,
    /// AWS's name of it, such as `CreateRule`.
    pub action: &'static str,
    /// AWS's own parameter names.
    pub params: Value,
}

impl Call {
    /// A call from its parts.
    pub fn new(service: Service, action: &'static str, params: Value) -> Self {
        Call { service, action, params }
    }

    /// A call of Elastic Load Balancing.
    pub fn elb(action: &'static str, params: Value) -> Self {
        Call::new(Service::ElasticLoadBalancing, action, params)
    }

    /// A call of EC2.
    pub fn ec2(action: &'static str, params: Value) -> Self {
        Call::new(Service::Ec2, action, params)
    }

    /// True if the call may change something; such calls are counted and shown.
    pub fn mutates(&self) -> bool {
        mutates(self.action)
    }
}

impl fmt::Debug for Call {
    /// Parameters may hold secrets and are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.action)
    }
}

/// True if an action of that name may change something.
pub(crate) fn mutates(action: &str) -> bool {
    !["Describe", "Get", "List", "Simulate"].iter().any(|prefix| action.starts_with(prefix))
}

/// The permission that a call, as `service:Action`, needs.
pub(crate) fn permission(action: &str) -> String {
    match action.strip_prefix("tagging:") {
        Some(action) => format!("tag:{action}"),
        None => action.to_owned(),
    }
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CallError {
    /// AWS's code, such as `PriorityInUse`.
    pub code: String,
    /// What AWS says.
    pub message: String,
    /// True if the same call may succeed later.
    pub retryable: bool,
    /// True if no answer came, so that the call may have taken effect.
    pub unanswered: bool,
}

impl CallError {
    /// A plain refusal.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        let code = code.into();
        let retryable = matches!(
            code.as_str(),
            "Throttling"
                | "ThrottlingException"
                | "ThrottledException"
                | "TooManyRequestsException"
                | "RequestLimitExceeded"
                | "ServiceUnavailable"
                | "ServiceUnavailableException"
                | "InternalFailure"
                | "InternalError"
                | "InternalServerError"
                | "InternalErrorException"
                | "InternalServiceException"
                | "WAFInternalErrorException"
                | "DependencyViolation"
                | "ResourceInUse"
                | "WAFUnavailableEntityException"
                | "ConcurrentModification"
                | "EntityTemporarilyUnmodifiable"
        );
        CallError { code, message: message.into(), retryable, unanswered: false }
    }

    /// No answer came: the call may have taken effect or not.
    pub fn unanswered(message: impl Into<String>) -> Self {
        CallError {
            code: "RequestTimeout".to_owned(),
            message: message.into(),
            retryable: false,
            unanswered: true,
        }
    }

    /// True if the code is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// True if the caller lacks a permission.
    pub fn is_denied(&self) -> bool {
        self.is(&[
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "AuthorizationError",
        ])
    }

    /// True if AWS says that what the call names does not exist.
    pub fn is_not_found(&self) -> bool {
        self.code.ends_with("NotFound")
            || self.code.ends_with("NotFoundException")
            || self.code == "NoSuchEntity"
            || self.code == "WAFNonexistentItemException"
    }
}

/// An account that answers calls: the simulated one, or AWS itself.
pub trait Account: Sync {
    /// Account id and region, to hold against what state and plan were made for.
    fn identity(&self) -> Identity;

    /// Makes one call.
    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, CallError>> + Send;
}

/// Which account it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// True for the simulated one.
    pub simulated: bool,
}

impl Identity {
    /// The account's name in states and plans. A simulated account has a name that no real one
    /// has, so that the two are never taken for each other.
    pub fn name(&self) -> String {
        if self.simulated { format!("sandbox:{}", self.account) } else { self.account.clone() }
    }
}
