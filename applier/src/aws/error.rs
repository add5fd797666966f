//! What goes wrong on the way to AWS and back, as the rest of the program knows it.

use super::elb::Unfit;
use crate::account::CallError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// The code of a call that this program cannot even write down.
const UNFIT: &str = "InvalidRequest";
/// The code of a call that never left: no credentials, no connection.
const UNSENT: &str = "NotSent";

/// A call whose parameters do not fit.
pub(crate) fn unfit(what: Unfit) -> CallError {
    CallError::new(UNFIT, what.0)
}

/// What the SDK makes of a failure.
pub(super) fn of_sdk<E>(error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let message = context.err().message().unwrap_or_default();
            match context.err().code() {
                Some(code) => of_code(code, message, status),
                None => unexplained(status, message),
            }
        }
        SdkError::TimeoutError(_) => CallError::unanswered("no answer in time"),
        SdkError::ResponseError(context) => {
            let status = context.raw().status().as_u16();
            unexplained(status, &reason(error))
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() || failure.is_io() => {
            CallError::unanswered(reason(error))
        }
        _ => CallError::new(UNSENT, reason(error)),
    }
}

/// A refusal with AWS's code. What AWS says of itself with a status of 5xx may pass.
fn of_code(code: &str, message: &str, status: u16) -> CallError {
    let mut error = CallError::new(code, message);
    error.retryable |= status >= 500 || status == 429;
    error
}

/// An answer that says nothing: a proxy's page, or half of one.
fn unexplained(status: u16, message: &str) -> CallError {
    let text = format!("HTTP status {status}: {message}");
    if !(300..500).contains(&status) {
        CallError::unanswered(text)
    } else {
        CallError::new(format!("HTTP{status}"), text)
    }
}

/// Why a call has failed, for people.
pub(crate) fn unconnected<E>(failure: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let error = of_sdk(failure);
    if error.message.contains("no credentials found in chain") {
        let none = "there are no credentials in the environment, of a web identity, a container or an instance, and";
        return match std::env::var("AWS_PROFILE") {
            Ok(profile) => format!("{none} the profile `{profile}` has none or does not exist"),
            Err(_) => format!("{none} there is no profile that has any"),
        };
    }
    if error.code == UNSENT || error.unanswered { error.message } else { error.to_string() }
}

/// An answer that cannot be read: the call was made.
pub(super) fn unreadable(error: &dyn std::fmt::Display) -> CallError {
    CallError::unanswered(format!("the answer cannot be read: {error}"))
}

/// The innermost reasons, without the SDK's own words around them.
pub(super) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
        next = error.source();
    }
    match texts.len() {
        0 => DisplayErrorContext(error).to_string(),
        1 => texts.remove(0),
        _ => texts.split_off(1).join(": "),
    }
}
