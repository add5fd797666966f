//! EKS: questions that stand in the path, answered by JSON with names in lower case.

use super::config::Endpoint;
use super::wire::{Request, Wire};
use super::{error, json};
use crate::account::{Call, CallError};
use aws_config::SdkConfig;
use serde_json::Value;

const EKS: Wire = Wire {
    endpoint: Endpoint { id: "EKS", host: "eks", is_global: false },
    content_type: "application/json",
    refusal: json::refusal,
};

/// Makes a call. DescribeCluster is the only one there is.
pub(super) async fn call(sdk: &SdkConfig, call: &Call) -> Result<Value, CallError> {
    let name = call.params["Name"].as_str().unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if call.action != "DescribeCluster" || name.is_empty() || !name.bytes().all(plain) {
        let message = format!("`{name}` cannot be the name of a cluster");
        return Err(CallError::new("InvalidParameterException", message));
    }
    let request = Request::get(format!("/clusters/{name}"));
    let body = EKS.send(sdk, call.action, request, true).await?;
    serde_json::from_slice(&body).map_err(|it| error::unreadable(&it))
}
