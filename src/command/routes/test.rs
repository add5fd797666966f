//! `ingc routes test`: requests and what shall answer them.

use super::live::LiveArgs;
use crate::command::route::Form;
use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{Files, InputArgs};
use crate::routing::TableArgs;
use crate::{input, made, view};
use ingc_compiler::diagnostic::{Diagnostics, Severity};
use ingc_compiler::route::assertion;
use std::path::PathBuf;

/// Test that requests are answered as a file expects
///
/// The file stands beside the manifests and lists requests with what is expected:
///
///   routes:
///   - url: https://shop.example.com/cart/42     # sent as it stands
///     service: shop/cart:http                   # NAMESPACE/NAME, or with the port
///   - url: https://shop.example.com/
///     method: POST                              # else GET
///     headers: {X-Canary: always}
///     sourceIp: 192.0.2.7                       # else 203.0.113.1
///     services: {shop/web: 90, shop/next: 10}   # all targets with their weights
///     auth: oidc                                # none, cognito, oidc or jwt
///     rewritten: {host: web.internal, url: /x}  # what the target sees
///     ingress: shop/web                         # whose rule it is
///   - name: plain text moves to TLS             # else method and URL
///     url: http://shop.example.com/
///     redirect: https://shop.example.com/       # the Location header
///     status: 301                               # of a redirect or a fixed response
///   - url: https://old.example.com/
///     targetGroup: legacy                       # of the account, by name or ARN
///     group: edge                               # only the load balancer of this group
///   - url: http://shop.example.com:8080/
///     refused: true                             # nothing listens there
///
/// What is not said may be anything. A host that no load balancer is known for is asked of every
/// one, and all must answer as expected. The exit status is 1 if a test fails.
#[allow(rustdoc::bare_urls, reason = "the help is text")]
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
#[command(mut_arg("paths", |paths| paths
    .help("Manifests: files, folders or `-`")
    .long_help("Manifests: files, folders (read recursively) or `-` for standard input\n\nWithout a \
        PATH they are what `ingc.manifests` of the ingc.yaml beside or above ROUTES names, else the \
        folder of that ingc.yaml, else the folder of ROUTES.")))]
pub(super) struct Args {
    /// The file of expected answers
    #[arg(value_name = "ROUTES")]
    routes: PathBuf,

    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    live: LiveArgs,

    /// Write the results as JUnit XML as well
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// The form
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let mut files = Files::default();
    let mut findings = Diagnostics::new();
    let file = files.read(&args.routes);
    let tests = file.map(|file| assertion::read(&files.sources, file, &mut findings));
    findings.append(std::mem::take(&mut files.diagnostics));
    let style = console.err.style();
    console.err.print(&view::diagnostic::render(findings.iter(), &files.sources, style));
    let mut failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    let Some(tests) = tests.filter(|tests| !tests.is_empty()) else { return Ok(Exit::Error) };

    let manifests = args.manifests();
    let mut source = args.table.clone();
    if args.live.live && source.state.is_none() {
        source.state = Some(input::settings_only(&manifests).state_path());
    }
    let tables = source.read(&manifests, console)?;
    failed |= tables.failed;
    // Of a plan, what answers when it is done.
    let Some((_, table)) = tables.sides.last() else { return Ok(Exit::Error) };
    let mut results: Vec<_> = tests
        .iter()
        .map(|test| view::route_test::Tested {
            test,
            position: files.sources.position(test.span),
            verdict: test.check(table),
        })
        .collect();
    if args.live.live {
        for name in args.live.compare(&mut results)? {
            let name = view::text::safe(name);
            console.err.line(&format!("note: not sent to the load balancer: {name}"));
        }
    }
    match args.output {
        Form::Text => {
            let style = console.out.style();
            console.out.print(&view::route_test::text(&results, style));
        }
        Form::Json => console.out.json(&view::route_test::json(&results)),
    }
    if let Some(path) = &args.junit {
        made::write(path, &view::route_test::junit(&input::shown(&args.routes), &results))?;
    }
    failed |= !results.iter().all(|result| result.verdict.is_ok());
    Ok(if failed { Exit::Error } else { Exit::Success })
}

impl Args {
    /// Where the manifests are when nobody says: by the ingc.yaml that counts for the file.
    fn manifests(&self) -> InputArgs {
        if !self.input.paths.is_empty() {
            return self.input.clone();
        }
        let beside = InputArgs { paths: vec![self.routes.clone()], ..self.input.clone() };
        match input::config(&beside) {
            Some(config) => InputArgs { config: Some(config), ..self.input.clone() },
            None => {
                let folder = self.routes.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(std::path::Path::new("."));
                InputArgs { paths: vec![folder.to_owned()], ..self.input.clone() }
            }
        }
    }
}
