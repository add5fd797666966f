//! `ingc routes test --live`: requests that are really sent, to a stand-in for the load balancer.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// `examples/shared-alb` with a redirect, as a sandbox holds it.
struct Applied {
    folder: tempfile::TempDir,
}

const MOVED: &str = r##"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: moved
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS": 443}]'
    alb.ingress.kubernetes.io/actions.moved: >-
      {"type": "redirect", "redirectConfig": {"host": "new.example", "statusCode": "HTTP_301"}}
spec:
  ingressClassName: edge
  tls: [{hosts: [old.orchard.example]}]
  rules:
    - host: old.orchard.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: moved, port: {name: use-annotation}}}
"##;

impl Applied {
    fn new() -> Self {
        let applied = Applied { folder: tempfile::tempdir().unwrap() };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shared-alb");
        fs::write(applied.path("moved.yaml"), MOVED).unwrap();
        let moved = applied.path("moved.yaml");
        let config = example.join("ingc.yaml");
        let mut command = applied.command(&["apply", "--auto-approve"]);
        command.args([&example, &moved]).arg("--config").arg(config);
        let output = command.arg("--sandbox").arg(applied.path("account.json")).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        applied
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ingc"));
        command.args(arguments).arg("--state").arg(self.path("state.json"));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env("COLUMNS", "100");
        command
    }

    /// Tests these routes at an address, trusting a file of certificates.
    fn test(&self, routes: &str, address: &str, trusted: &Path, more: &[&str]) -> Output {
        fs::write(self.path("routes.yaml"), format!("routes:\n{routes}")).unwrap();
        let mut command = self.command(&["routes", "test", "routes.yaml", "--live"]);
        command.args(["--connect-to", address]).args(more).env("SSL_CERT_FILE", trusted);
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shared-alb/ingc.yaml");
        command.env_remove("SSL_CERT_DIR").arg("--config").arg(config).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The head of a request in lower case, after the head of the answer was sent.
fn exchange(mut stream: impl Read + Write, answer: &str) -> String {
    let lines = BufReader::new(&mut stream).lines();
    let head: Vec<_> = lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").unwrap();
    stream.flush().unwrap();
    head.join("\n").to_ascii_lowercase()
}

/// Serves as many connections as there are answers; gives the address, and what was got.
fn serve<T: Send + 'static>(
    answers: Vec<&'static str>,
    mut one: impl FnMut(TcpStream, &str) -> T + Send + 'static,
) -> (String, JoinHandle<Vec<T>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        answers.into_iter().map(|answer| one(listener.accept().unwrap().0, answer)).collect()
    });
    (address, server)
}

/// Of a connection: the host in the greeting and the request, or why there was none.
type Got = Result<(String, String), String>;

/// A certificate authority of its own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Authority { issuer: CertifiedIssuer::self_signed(params, key).unwrap() }
    }

    /// Writes its certificate where it will be trusted.
    fn write(&self, path: PathBuf) -> PathBuf {
        fs::write(&path, self.issuer.pem()).unwrap();
        path
    }

    /// Serves TLS with a certificate for these hosts.
    fn serve(&self, hosts: &[&str], answers: Vec<&'static str>) -> (String, JoinHandle<Vec<Got>>) {
        let key = KeyPair::generate().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let params = CertificateParams::new(hosts).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        serve(answers, move |mut stream, answer| {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            while connection.is_handshaking() {
                connection.complete_io(&mut stream).map_err(|error| error.to_string())?;
            }
            let host = connection.server_name().unwrap_or_default().to_owned();
            let mut stream = StreamOwned::new(connection, stream);
            let got = exchange(&mut stream, answer);
            stream.conn.send_close_notify();
            let _ = stream.flush();
            Ok((host, got))
        })
    }
}

#[test]
fn requests_in_the_clear_are_sent_and_compared() {
    let applied = Applied::new();
    let routes = "\
        - {name: moved, url: 'http://orchard.example/a?b', redirect: 'https://orchard.example/a?b'}\n\
        - {name: lost, url: 'http://orchard.example/', status: 301}\n\
        - {name: posted, url: 'http://orchard.example/', method: POST, status: 301}\n";
    let answers = vec![
        "301 Moved\r\nLocation: https://orchard.example:443/a?b",
        "503 No\r\nServer: awselb/2.0",
    ];
    let (address, server) = serve(answers, exchange);
    let output = applied.test(routes, &address, Path::new("none.pem"), &[]);
    let got = server.join().unwrap();
    assert!(got[0].starts_with("get /a?b http/1.1") && got[0].contains("host: orchard.example"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    assert!(shown.starts_with("ok    moved\nFAIL  lost\n"), "{shown}");
    assert!(
        shown.contains("live: expected 301 to https://orchard.example:443/, got 503"),
        "{shown}"
    );
    assert!(text(&output.stderr).contains("not sent to the load balancer: posted"));
}

#[test]
fn requests_over_tls_name_the_host_of_the_test() {
    let applied = Applied::new();
    let authority = Authority::new("authority");
    let trusted = authority.write(applied.path("ca.pem"));
    let hosts = ["old.orchard.example", "orchard.example", "search.orchard.example"];
    let answers = vec![
        "301 Moved Permanently\r\nServer: awselb/2.0\r\nLocation: https://new.example:443/x?y=1",
        "200 OK\r\nServer: nginx",
        "302 Found\r\nServer: awselb/2.0\r\nLocation: https://old.example:443/",
        "404 Not Found\r\nServer: awselb/2.0",
    ];
    let (address, server) = authority.serve(&hosts, answers);
    let routes = "\
        - {name: moved, url: 'https://old.orchard.example/x?y=1', status: 301}\n\
        - {name: cart, url: 'https://orchard.example/cart/42', service: shop/cart}\n\
        - {name: elsewhere, url: 'https://old.orchard.example/', status: 301}\n\
        - {name: unanswered, url: 'https://search.orchard.example/', service: search/search}\n";
    let output = applied.test(routes, &address, &trusted, &[]);
    let got: Result<Vec<_>, _> = server.join().unwrap().into_iter().collect();
    let got = got.unwrap();
    assert_eq!(got[0].0, "old.orchard.example");
    assert!(got[0].1.starts_with("get /x?y=1 http/1.1\nhost: old.orchard.example"), "{got:?}");
    assert_eq!(got[1].0, "orchard.example");
    assert!(got[1].1.starts_with("get /cart/42 http/1.1\nhost: orchard.example"), "{got:?}");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let verdicts: Vec<_> = shown.lines().filter(|line| !line.starts_with(' ')).take(4).collect();
    assert_eq!(
        verdicts,
        ["ok    moved", "ok    cart", "FAIL  elsewhere", "FAIL  unanswered"],
        "{shown}"
    );
    let expected = "expected 301 to https://new.example:443/, got 302 to https://old.example:443/";
    assert!(shown.contains(expected), "{shown}");
    assert!(shown.contains("got 404 by the load balancer itself"), "{shown}");
}

#[test]
fn an_issuer_that_nobody_trusts_and_a_certificate_for_another_host_are_refused() {
    let applied = Applied::new();
    let authority = Authority::new("authority");
    let stranger = Authority::new("stranger").write(applied.path("stranger.pem"));
    let routes = "- {name: cart, url: 'https://orchard.example/cart', service: shop/cart}\n";
    let (address, server) = authority.serve(&["orchard.example"], vec!["200 OK"]);
    let output = applied.test(routes, &address, &stranger, &[]);
    assert!(server.join().unwrap()[0].is_err());
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(
        shown.contains("no TLS connection: invalid peer certificate: UnknownIssuer"),
        "{shown}"
    );

    let trusted = authority.write(applied.path("ca.pem"));
    let (address, server) = authority.serve(&["other.example"], vec!["200 OK"]);
    let output = applied.test(routes, &address, &trusted, &[]);
    assert!(server.join().unwrap()[0].is_err());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("no TLS connection"), "{}", text(&output.stdout));
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let applied = Applied::new();
    let routes = "\
        - {name: clear, url: 'http://orchard.example/', status: 301}\n\
        - {name: tls, url: 'https://orchard.example/', service: shop/storefront}\n";
    // The connections stay open until the process has ended.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let started = Instant::now();
    let output = applied.test(routes, &address, Path::new("none.pem"), &["--timeout", "1"]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert_eq!(shown.matches("no answer in time").count(), 2, "{shown}");
}
