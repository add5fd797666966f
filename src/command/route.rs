//! `ingc route`: what answers a request.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::InputArgs;
use crate::routing::{TableArgs, Tables};
use crate::view;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::routing as code;
use ingc_compiler::route::{AnswerLine, Request, Url, UrlError};
use std::net::IpAddr;
use std::path::PathBuf;

/// Ask which Service, redirect or response answers a URL
///
/// Says which load balancer, certificate, listener and rule a request meets, the Ingress and line
/// that the rule comes from, whether a login is asked for, how the request is rewritten, and what
/// answers. Methods and paths are compared as they are written, as the load balancer does.
#[derive(clap::Args, Debug)]
#[command(mut_arg("paths", |paths| paths
    .value_name("URL|PATH")
    .required(true)
    .help("URLs to ask for, and manifests: files, folders or `-`")
    .long_help("URLs to ask for, each starting with https:// or http://, and manifests: files, \
        folders (read recursively) or `-` for standard input\n\nA host that no load balancer is \
        known for is asked of every one.")))]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Manifests; may be repeated
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    manifests: Vec<PathBuf>,

    #[command(flatten)]
    table: TableArgs,

    /// A header of the request, such as `X-Canary: always`; may be repeated
    #[arg(short = 'H', long, value_name = "NAME:VALUE", value_parser = header)]
    header: Vec<(String, String)>,

    /// The method, as it is sent
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    method: String,

    /// The address that the request comes from [default: 203.0.113.1]
    #[arg(long, value_name = "IP")]
    source_ip: Option<IpAddr>,

    /// Show the rules that came close as well, and why they did not match
    #[arg(long)]
    explain: bool,

    /// The form; JSON is one object per line
    #[arg(long, alias = "format", value_enum, default_value_t, value_name = "FORM")]
    output: Form,
}

/// Forms of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// A header as curl takes it.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write NAME:VALUE")?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err("write NAME:VALUE".to_owned());
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let (questions, input) = args.questions()?;
    let tables = args.table.read(&input, console)?;
    for (index, (text, url)) in questions.iter().enumerate() {
        let request = args.request(url);
        if args.output == Form::Text && index > 0 {
            console.out.print("\n");
        }
        answer(args, &tables, text, url, &request, console);
    }
    Ok(if tables.failed { Exit::Error } else { Exit::Success })
}

impl Args {
    /// The URLs, and the input that is left when they are taken out of the arguments.
    fn questions(&self) -> Result<(Vec<(String, Url)>, InputArgs), Failure> {
        let mut questions = Vec::new();
        let mut paths = Vec::new();
        let mut wrong = Vec::new();
        for path in &self.input.paths {
            let text = path.to_string_lossy();
            let is_url = text.contains("://");
            match text.parse::<Url>() {
                Ok(url) => questions.push((text.into_owned(), url)),
                Err(_) if !is_url && (path.exists() || text == "-") => paths.push(path.clone()),
                Err(error) => wrong.push(bad_url(&text, error)),
            }
        }
        if questions.is_empty() && wrong.is_empty() {
            let finding = Diagnostic::error(&code::BAD_URL, "no URL is given");
            wrong.push(finding.hint("write ingc route https://shop.example.com/cart"));
        }
        if !wrong.is_empty() {
            return Err(Failure::of(wrong));
        }
        paths.extend(self.manifests.iter().cloned());
        Ok((questions, InputArgs { paths, ..self.input.clone() }))
    }

    fn request(&self, url: &Url) -> Request {
        let mut request = url.request().method(&self.method);
        request.source_ip = self.source_ip.unwrap_or(request.source_ip);
        for (name, value) in &self.header {
            request = request.header(name, value);
        }
        request
    }
}

fn bad_url(text: &str, error: UrlError) -> Diagnostic {
    let finding =
        Diagnostic::error(&code::BAD_URL, format!("`{text}` cannot be asked for: {error}"));
    match error {
        UrlError::Scheme if text.contains("://") => {
            finding.hint("the load balancer speaks HTTP only")
        }
        UrlError::Scheme => finding.hint(format!(
            "write https://{text}; of a file or folder with that name there is none"
        )),
        UrlError::Characters => finding.hint("write %20 for a space"),
        UrlError::Host | UrlError::Port => finding,
    }
}

fn answer(
    args: &Args,
    tables: &Tables,
    text: &str,
    url: &Url,
    request: &Request,
    console: &mut Console,
) {
    let style = console.out.style();
    if args.output == Form::Text {
        console.out.print(&view::route::question(text, request));
    }
    let (groups, is_known) = tables.groups_for(&request.host);
    if !is_known && groups.len() > 1 {
        let host = view::text::safe(&request.host);
        console
            .err
            .line(&format!("note: no rule names the host {host}: every load balancer is asked"));
    }
    for (index, group) in groups.into_iter().enumerate() {
        if index > 0 && args.output == Form::Text {
            console.out.print("\n");
        }
        for (side, table) in &tables.sides {
            let Some(balancer) = table.balancers.get(group) else { continue };
            let asked = balancer.ask(url, request);
            let passed = match &asked {
                Ok(decision) if args.explain => Some(decision.listener.passed(request)),
                _ => None,
            };
            match args.output {
                Form::Json => {
                    let line = match &asked {
                        Ok(decision) => AnswerLine::decided(text, balancer, decision),
                        Err(refused) => {
                            AnswerLine::refused(text, balancer, Some(refused.to_string()))
                        }
                    };
                    let line = line.side(*side);
                    console.out.json_line(&match &passed {
                        Some(passed) => line.passed(passed),
                        None => line,
                    });
                }
                Form::Text => {
                    let answered = view::route::answered(balancer, &asked, *side, style);
                    console.out.print(&answered);
                    if let Some(passed) = &passed {
                        console.out.print(&view::route::passed(passed, request, style));
                    }
                }
            }
        }
    }
}
