//! Calls through the SDK's runtime without a crate for the service: signing, credentials, retries,
//! time-outs and connections are the SDK's, the text of request and answer is ours. Several of
//! these crates would cost more to build than all of ingc.

use super::config::{self, Endpoint};
use super::error;
use crate::account::CallError;
use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use std::fmt;

/// A service that is called this way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wire {
    /// Where it is.
    pub(super) endpoint: Endpoint,
    /// What the body is.
    pub(super) content_type: &'static str,
    /// What a refusal's code and message are, from its status line's type and its body.
    pub(super) refusal: fn(header: Option<&str>, body: &[u8]) -> ErrorMetadata,
}

/// A request: its way, the call's name as the service wants it in a header, if it does, and the body.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: &'static str,
    path: String,
    target: Option<String>,
    body: String,
}

impl Request {
    /// A call that stands in the body.
    pub(super) fn post(target: Option<String>, body: String) -> Request {
        Request { method: "POST", path: "/".to_owned(), target, body }
    }

    /// A question that stands in the path, whose parts hold nothing that would have to be encoded.
    pub(super) fn get(path: String) -> Request {
        Request { method: "GET", path, target: None, body: String::new() }
    }
}

/// A refusal.
#[derive(Debug)]
struct Refusal(ErrorMetadata);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Wire {
    /// Makes one call and returns the body of the answer. `retries` says whether the SDK shall try
    /// again by itself.
    pub(super) async fn send(
        self,
        sdk: &SdkConfig,
        action: &'static str,
        request: Request,
        retries: bool,
    ) -> Result<Vec<u8>, CallError> {
        let (url, region) = config::endpoint(sdk, &self.endpoint);
        let mut builder = Operation::builder()
            .service_name(self.endpoint.id)
            .operation_name(action)
            .endpoint_url(&url)
            .runtime_plugin(signed(sdk, self.endpoint.host, region))
            .with_connection_poisoning()
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .retry_classifier(HttpStatusCodeClassifier::default());
        builder = match sdk.retry_config().filter(|_| retries) {
            Some(config) => builder.standard_retry(config),
            None => builder.standard_retry(&RetryConfig::disabled()),
        };
        if let Some(client) = sdk.http_client() {
            builder = builder.http_client(client);
        }
        if let Some(sleep) = sdk.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = sdk.time_source() {
            builder = builder.time_source(time);
        }
        if let Some(timeouts) = sdk.timeout_config() {
            builder = builder.timeout_config(timeouts.clone());
        }
        let operation = builder
            .serializer(move |request: Request| Ok(self.request(request)))
            .deserializer(move |response: &HttpResponse| self.response(response))
            .build();
        operation.invoke(request).await.map_err(|failure| error::of_sdk(&failure))
    }

    fn request(self, request: Request) -> HttpRequest {
        let length = request.body.len().to_string();
        let mut http = HttpRequest::new(SdkBody::from(request.body));
        // Methods, paths and headers are texts of this program, which are always valid.
        let _ = http.set_method(request.method);
        let _ = http.set_uri(request.path);
        let headers = http.headers_mut();
        headers.insert("content-type", self.content_type);
        headers.insert("content-length", length);
        headers.insert("user-agent", concat!("ingc/", env!("CARGO_PKG_VERSION")));
        if let Some(target) = request.target {
            headers.insert("x-amz-target", target);
        }
        http
    }

    fn response(self, response: &HttpResponse) -> Result<Vec<u8>, OrchestratorError<Refusal>> {
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() {
            return Ok(body.to_vec());
        }
        let header = response.headers().get("x-amzn-errortype");
        Err(OrchestratorError::operation(Refusal((self.refusal)(header, body))))
    }
}

/// Credentials and what requests are signed for.
fn signed(sdk: &SdkConfig, name: &'static str, region: String) -> StaticRuntimePlugin {
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(aws_config::Region::new(region))),
        region_set: None,
        name: Some(SigningName::from_static(name)),
        signing_options: SigningOptions::default(),
    });
    let cache = sdk.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build());
    let mut components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
            SCHEME_ID,
        ])))
        .with_identity_cache(Some(cache));
    if let Some(credentials) = sdk.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}
