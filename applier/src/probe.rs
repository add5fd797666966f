//! One HTTP request to a load balancer, sent exactly as it is given: to a pinned address, with any
//! host in its greeting and header.

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A request and where it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// `host:port` to connect to, whatever the request's host.
    pub connect_to: String,
    /// The host that is named in the TLS greeting, and that the certificate must be for; none for
    /// a request in the clear.
    pub tls_host: Option<String>,
    /// The `Host` header.
    pub host: String,
    /// The method.
    pub method: String,
    /// Path and query, as they are sent.
    pub path_and_query: String,
    /// Other headers.
    pub headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `Server` header: `awselb/2.0` where the load balancer answers by itself.
    pub server: Option<String>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeError {
    /// Nothing listens, or the address does not exist or cannot be reached.
    Unreachable(String),
    /// No common language, or a certificate that is not for the host.
    Tls(String),
    /// A request that HTTP cannot hold, or an answer that is none.
    Http(String),
    /// It took too long.
    Timeout,
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProbeError::Unreachable(why) => write!(f, "no connection: {why}"),
            ProbeError::Tls(why) => write!(f, "no TLS connection: {why}"),
            ProbeError::Http(why) => write!(f, "no HTTP answer: {why}"),
            ProbeError::Timeout => f.write_str("no answer in time"),
        }
    }
}

impl std::error::Error for ProbeError {}

/// Sends requests. Certificates are held against those that the operating system trusts.
pub struct Prober {
    tls: TlsConnector,
    patience: Duration,
}

impl Prober {
    /// One that waits for each answer for so long.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(patience: Duration) -> Result<Prober, ProbeError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ProbeError::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Prober { tls: TlsConnector::from(Arc::new(config)), patience })
    }

    /// Sends a request and reads the head of the answer.
    ///
    /// # Errors
    /// If none comes.
    pub async fn send(&self, probe: &Probe) -> Result<Seen, ProbeError> {
        match tokio::time::timeout(self.patience, self.exchange(probe)).await {
            Ok(result) => result,
            Err(_) => Err(ProbeError::Timeout),
        }
    }

    async fn exchange(&self, probe: &Probe) -> Result<Seen, ProbeError> {
        let unreachable = |error: std::io::Error| ProbeError::Unreachable(error.to_string());
        let tcp = TcpStream::connect(&probe.connect_to).await.map_err(unreachable)?;
        let Some(host) = &probe.tls_host else { return request(tcp, probe).await };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = |error: &dyn fmt::Display| ProbeError::Tls(error.to_string());
        let name = ServerName::try_from(host).map_err(|error| tls(&error))?;
        let stream = self.tls.connect(name, tcp).await.map_err(|error| tls(&error))?;
        request(stream, probe).await
    }
}

async fn request(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    probe: &Probe,
) -> Result<Seen, ProbeError> {
    let http = |error: &dyn fmt::Display| ProbeError::Http(error.to_string());
    let mut request = Request::builder()
        .method(probe.method.as_str())
        .uri(probe.path_and_query.as_str())
        .header("host", &probe.host);
    for (name, value) in &probe.headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| http(&error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| http(&error))?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await;
    // What else is sent is of no interest.
    connection.abort();
    Ok(seen(&response.map_err(|error| http(&error))?))
}

fn seen<B>(response: &Response<B>) -> Seen {
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Seen {
        status: response.status().as_u16(),
        location: header("location"),
        server: header("server"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server for one request: what it got, and what it says.
    fn serve(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut got = Vec::new();
            let mut buffer = [0; 1024];
            while !got.ends_with(b"\r\n\r\n") {
                let read = stream.read(&mut buffer).unwrap();
                got.extend_from_slice(&buffer[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(got).unwrap()
        });
        (address, server)
    }

    fn probe(connect_to: String) -> Probe {
        Probe {
            connect_to,
            tls_host: None,
            host: "shop.example.com".to_owned(),
            method: "GET".to_owned(),
            path_and_query: "/Cart/../%41?x=1".to_owned(),
            headers: vec![("X-Canary".to_owned(), "always".to_owned())],
        }
    }

    fn send(probe: &Probe) -> Result<Seen, ProbeError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let prober = Prober::new(Duration::from_secs(5)).unwrap();
        runtime.block_on(prober.send(probe))
    }

    #[test]
    fn requests_are_sent_as_they_are() {
        let (address, server) = serve(
            "HTTP/1.1 301 Moved Permanently\r\nServer: awselb/2.0\r\n\
             Location: https://shop.example.com:443/\r\nContent-Length: 0\r\n\r\n",
        );
        let seen = send(&probe(address)).unwrap();
        let got = server.join().unwrap().to_ascii_lowercase();
        assert!(got.starts_with("get /cart/../%41?x=1 http/1.1\r\n"), "{got}");
        assert!(got.contains("host: shop.example.com\r\n"), "{got}");
        assert!(got.contains("x-canary: always\r\n"), "{got}");
        assert_eq!(seen.status, 301);
        assert_eq!(seen.location.as_deref(), Some("https://shop.example.com:443/"));
        assert_eq!(seen.server.as_deref(), Some("awselb/2.0"));
    }

    #[test]
    fn where_nothing_listens_nothing_answers() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        assert!(matches!(send(&probe(free)), Err(ProbeError::Unreachable(_))));
    }
}
