//! ACM, WAF, Shield and tagging, whose protocol is JSON with AWS's own names: what the applier says
//! is what is sent.

use super::config::Endpoint;
use super::error;
use super::wire::{Request, Wire};
use crate::account::{Call, CallError, Service};
use aws_config::SdkConfig;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde_json::Value;

/// How a service is reached, and what stands before the names of its calls.
fn service(service: Service) -> Option<(Endpoint, &'static str)> {
    let regional = |id, host| Endpoint { id, host, is_global: false };
    Some(match service {
        Service::Acm => (regional("ACM", "acm"), "CertificateManager"),
        Service::Wafv2 => (regional("WAFV2", "wafv2"), "AWSWAF_20190729"),
        Service::Shield => {
            (Endpoint { id: "Shield", host: "shield", is_global: true }, "AWSShield_20160616")
        }
        Service::Tagging => (
            regional("Resource Groups Tagging API", "tagging"),
            "ResourceGroupsTaggingAPI_20170126",
        ),
        _ => return None,
    })
}

/// Makes a call.
pub(super) async fn call(sdk: &SdkConfig, call: &Call) -> Result<Value, CallError> {
    let Some((endpoint, prefix)) = service(call.service) else {
        let message = format!("`{}` is not called by ingc", call.service);
        return Err(CallError::new("NotSent", message));
    };
    let wire = Wire { endpoint, content_type: "application/x-amz-json-1.1", refusal };
    let target = format!("{prefix}.{}", call.action);
    let request = Request::post(Some(target), call.params.to_string());
    let body = wire.send(sdk, call.action, request, !call.mutates()).await?;
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(&body).map_err(|it| error::unreadable(&it))
}

/// A code is the last part of a shape's name, in the header or in the body.
pub(super) fn refusal(header: Option<&str>, body: &[u8]) -> ErrorMetadata {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let named = header.or_else(|| body["__type"].as_str()).or_else(|| body["code"].as_str());
    let mut meta = ErrorMetadata::builder();
    if let Some(name) = named {
        let name = name.split(':').next().unwrap_or(name);
        meta = meta.code(name.rsplit('#').next().unwrap_or(name));
    }
    if let Some(message) = body["message"].as_str().or_else(|| body["Message"].as_str()) {
        meta = meta.message(message);
    }
    meta.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_wherever_services_put_them() {
        for (header, body, code, message) in [
            (
                None,
                r#"{"__type":"com.amazonaws.acm#ResourceNotFoundException","message":"no"}"#,
                Some("ResourceNotFoundException"),
                Some("no"),
            ),
            (
                Some("WAFNonexistentItemException:http://x"),
                r#"{"Message":"gone"}"#,
                Some("WAFNonexistentItemException"),
                Some("gone"),
            ),
            (None, "<html>", None, None),
        ] {
            let meta = refusal(header, body.as_bytes());
            assert_eq!((meta.code(), meta.message()), (code, message));
        }
    }
}
