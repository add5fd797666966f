//! Why a step was not done, and what to do about it.

use crate::account::{Call, CallError, permission};
use ingc_compiler::diagnostic::code::{Code, applier as code};
use ingc_compiler::resource::Address;

/// Why a step of a plan was not done, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {message}")]
pub struct ApplyError {
    /// The resource.
    pub address: Address,
    /// The call that failed, as `service:Action`; empty if it never came to one.
    pub action: String,
    /// The stable code.
    pub code: &'static Code,
    /// AWS's own code; empty if AWS did not say anything.
    pub aws_code: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub next: String,
}

/// The same command continues: what most errors end with.
const AGAIN: &str = "run the same command again to continue";

impl ApplyError {
    /// Of a call that failed.
    pub(crate) fn of_call(address: &Address, call: &Call, error: &CallError) -> ApplyError {
        ApplyError::refused(address, format!("{}:{}", call.service, call.action), error)
    }

    /// Of a call, as `service:Action`, that failed.
    pub(crate) fn refused(address: &Address, action: String, error: &CallError) -> ApplyError {
        let (code, message) = if error.unanswered {
            (&code::UNANSWERED, format!("`{action}` was not answered: {}", error.message))
        } else {
            let CallError { code: aws, message, .. } = error;
            (&code::REFUSED, format!("`{action}` was refused: {aws}: {message}"))
        };
        ApplyError {
            address: address.clone(),
            next: next(&action, error),
            action,
            code,
            aws_code: error.code.clone(),
            message,
        }
    }

    /// Of something that is not a call.
    pub(crate) fn new(
        address: &Address,
        code: &'static Code,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> ApplyError {
        ApplyError {
            address: address.clone(),
            action: String::new(),
            code,
            aws_code: String::new(),
            message: message.into(),
            next: next.into(),
        }
    }
}

/// What to do about a refusal, by AWS's code.
fn next(action: &str, error: &CallError) -> String {
    if error.is_denied() {
        let action = permission(action);
        return format!("allow `{action}` to the caller; then {AGAIN}");
    }
    let first = match error.code.as_str() {
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId" => "renew the credentials",
        "TooManyRules" => {
            "split the group, or have the quota `Rules per Application Load Balancer` raised"
        }
        "TooManyCertificates" => {
            "use certificates with several names, or have the quota `Certificates per Application Load Balancer` raised"
        }
        "TooManyTargetGroups" | "TooManyUniqueTargetGroupsPerLoadBalancer" => {
            "split the group: the quotas of target groups per action and load balancer are fixed"
        }
        "TooManyLoadBalancers"
        | "TooManyListeners"
        | "RulesPerSecurityGroupLimitExceeded"
        | "TooManyTags" => "have that quota raised, or ask for less",
        "EntityAlreadyExists" => {
            "give it another name in `ingc.bootstrap`: the name is taken, below another path of IAM"
        }
        "DeleteConflict" => "detach with the AWS console what somebody else has attached",
        "DependencyViolation" | "ResourceInUse" | "ResourceInUseException" => {
            "find out with the AWS console what still uses it, and take it off there"
        }
        "OperationNotPermitted" => {
            "set `load-balancer-attributes: deletion_protection.enabled=false`, apply that, then delete"
        }
        "CertificateNotFound" | "UnsupportedCertificate" => {
            "name an issued certificate of this region in `alb.ingress.kubernetes.io/certificate-arn`"
        }
        "SubnetNotFound" | "InvalidSubnet" => {
            "name other subnets in `alb.ingress.kubernetes.io/subnets`, and bring the inventory up to date"
        }
        "InvalidSecurityGroup"
        | "InvalidGroup.NotFound"
        | "TargetGroupNotFound"
        | "TrustStoreNotFound"
        | "WAFNonexistentItemException" => "bring the inventory up to date, and name what exists",
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => "wait a minute",
        _ if error.unanswered => "nothing is lost",
        _ => "correct the value that AWS names",
    };
    format!("{first}; then {AGAIN}")
}
