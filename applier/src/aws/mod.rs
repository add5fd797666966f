//! The account of AWS itself.
//!
//! Elastic Load Balancing and STS are called through the SDK's clients, the other services through
//! the SDK's runtime. Questions are repeated by the SDK; calls that change something are repeated by
//! the run, which tells of each attempt, and which knows how to find what an attempt has made.

mod config;
mod eks;
mod elb;
mod error;
mod http;
mod json;
pub(crate) mod pace;
mod query;
mod wire;

pub use config::{are_credentials_configured, load};
pub(crate) use error::unconnected as told;

use crate::account::{Account, Call, CallError, Identity, Service};
use crate::error::Error;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use pace::Pace;
use serde_json::Value;
use std::net::IpAddr;

/// AWS, as one set of credentials sees one region.
pub struct Aws {
    identity: Identity,
    partition: String,
    caller: String,
    sdk: SdkConfig,
    /// For questions, which may be asked again at any time.
    asking: aws_sdk_elasticloadbalancingv2::Client,
    /// For calls that change something, which are made once.
    changing: aws_sdk_elasticloadbalancingv2::Client,
    /// None for a server on this machine, which nobody else uses.
    pace: Option<Pace>,
}

impl Aws {
    /// Finds out who calls. `region` is where the cluster is; an empty one is the SDK's own.
    ///
    /// # Errors
    /// If there are no credentials, no region, no connection, or AWS does not accept them.
    pub async fn connect(region: &str) -> Result<Aws, Error> {
        let sdk = load(region).await.map_err(|why| Error::NoAws { why })?;
        Aws::of(sdk).await
    }

    /// The account that a configuration leads to.
    ///
    /// # Errors
    /// If AWS does not accept it.
    pub async fn of(sdk: SdkConfig) -> Result<Aws, Error> {
        let caller = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send().await;
        let caller =
            caller.map_err(|failure| Error::NoAws { why: error::unconnected(&failure) })?;
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let account = caller.account().unwrap_or_default().to_owned();
        let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        let once = aws_sdk_elasticloadbalancingv2::config::Builder::from(&sdk)
            .retry_config(RetryConfig::disabled());
        Ok(Aws {
            identity: Identity { account, region, simulated: false },
            partition: partition.to_owned(),
            caller: caller.arn().unwrap_or_default().to_owned(),
            asking: aws_sdk_elasticloadbalancingv2::Client::new(&sdk),
            changing: aws_sdk_elasticloadbalancingv2::Client::from_conf(once.build()),
            pace: (!is_here(sdk.endpoint_url())).then(Pace::default),
            sdk,
        })
    }

    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The ARN of whoever calls.
    pub fn caller(&self) -> &str {
        &self.caller
    }

    async fn once(&self, call: &Call) -> Result<Value, CallError> {
        if let Some(pace) = &self.pace {
            pace.keep(call).await;
        }
        match call.service {
            Service::ElasticLoadBalancing => {
                let client = if call.mutates() { &self.changing } else { &self.asking };
                elb::call(client, call.action, &call.params).await
            }
            Service::Ec2 | Service::Iam => query::call(&self.sdk, call).await,
            Service::Eks => eks::call(&self.sdk, call).await,
            // Bindings are manifests: whoever applies those makes them.
            Service::Kubernetes if call.mutates() => Ok(Value::Null),
            Service::Kubernetes => Err(CallError::new("NoCluster", "no cluster is asked")),
            _ => json::call(&self.sdk, call).await,
        }
    }
}

impl Account for Aws {
    fn identity(&self) -> Identity {
        self.identity.clone()
    }

    /// Answers that come in pages are put together.
    async fn call(&self, call: &Call) -> Result<Value, CallError> {
        let mut all = self.once(call).await?;
        let mut next = mark(&all);
        while let Some((field, mark)) = next {
            let mut params = call.params.clone();
            params[field] = Value::from(mark.as_str());
            let page = self.once(&Call { params, ..call.clone() }).await?;
            // A mark that does not move would be followed for ever.
            next = self::mark(&page).filter(|(_, to)| *to != mark);
            join(&mut all, page);
        }
        Ok(all)
    }
}

/// Where an answer goes on: the parameter to send, and what to send.
fn mark(answer: &Value) -> Option<(&'static str, String)> {
    [
        ("NextMarker", "Marker"),
        ("Marker", "Marker"),
        ("NextToken", "NextToken"),
        ("PaginationToken", "PaginationToken"),
    ]
    .into_iter()
    .find_map(|(found, sent)| {
        let mark = answer[found].as_str().filter(|mark| !mark.is_empty())?;
        Some((sent, mark.to_owned()))
    })
}

/// Adds the lists of a page to those before it.
fn join(all: &mut Value, page: Value) {
    let (Value::Object(all), Value::Object(page)) = (all, page) else { return };
    for (name, value) in page {
        match (all.get_mut(&name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (_, value) => drop(all.insert(name, value)),
        }
    }
}

/// True for a server on this machine.
fn is_here(url: Option<&str>) -> bool {
    let host = url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
    let host = host.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pages_are_put_together() {
        let mut all = json!({"Rules": [1, 2], "NextMarker": "m"});
        assert_eq!(mark(&all), Some(("Marker", "m".to_owned())));
        join(&mut all, json!({"Rules": [3]}));
        assert_eq!(all["Rules"], json!([1, 2, 3]));
        assert_eq!(mark(&json!({"PaginationToken": "", "Rules": []})), None);
    }

    #[test]
    fn servers_on_this_machine_are_known() {
        for (url, here) in [
            (Some("http://127.0.0.1:5000"), true),
            (Some("http://localhost:5000/x"), true),
            (Some("http://[::1]:5000"), true),
            (Some("https://elb.example.com"), false),
            (None, false),
        ] {
            assert_eq!(is_here(url), here, "{url:?}");
        }
    }
}
