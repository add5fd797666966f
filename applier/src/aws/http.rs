//! The one HTTP client: rustls with ring, the operating system's certificates, the usual proxies.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use std::time::Duration;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long to wait for an answer: creating a load balancer takes AWS some seconds.
const ANSWER: Duration = Duration::from_secs(60);

/// The client. All clients of all services share its connections.
///
/// # Errors
/// If certificates are needed and the machine has none, at which the SDK would panic.
pub(super) fn client(needs_tls: bool) -> Result<SharedHttpClient, String> {
    let found = rustls_native_certs::load_native_certs();
    let trust = match (found.certs.is_empty(), needs_tls) {
        (false, _) => TrustStore::default(),
        (true, false) => TrustStore::empty(),
        (true, true) => {
            let why: String = found.errors.iter().map(|error| format!(": {error}")).collect();
            return Err(format!("this machine has no CA certificates to know AWS by{why}"));
        }
    };
    let tls = TlsContext::builder().with_trust_store(trust).build();
    let tls = tls.map_err(|error| error.to_string())?;
    let settings =
        HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build();
    let connector = SharedHttpConnector::new(connector);
    Ok(http_client_fn(move |_, _| connector.clone()))
}
