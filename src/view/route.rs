//! Answers to requests, for people.

use super::table::Columns;
use super::text::{safe, wrapped};
use super::{Style, describe, paint};
use ingc_compiler::resource::Condition;
use ingc_compiler::route::{
    Authentication, Balancer, Decision, ListenerTable, Passed, Place, Refused, Reply, Request,
    Route,
};

/// Columns of the labels.
const LABEL: usize = 15;

/// Rules that are listed as not matching.
const CLOSEST: usize = 5;

/// The request, as a title.
pub fn question(url: &str, request: &Request) -> String {
    let mut title = paint::bold(&safe(&format!("{} {url}", request.method)));
    for (name, value) in &request.headers {
        title.push_str(&safe(&format!("\n  {name}: {value}")));
    }
    title + "\n"
}

/// What a load balancer answers.
pub fn answered(
    balancer: &Balancer,
    asked: &Result<Decision<'_>, Refused>,
    side: Option<&str>,
    style: Style,
) -> String {
    let mut out = side.map(|side| format!("  {side}\n")).unwrap_or_default();
    let mut line = |label: &str, text: &str| out.push_str(&labelled(label, text, style));
    line("load balancer", &format!("{} of group {}", balancer.name, balancer.group));
    match asked {
        Err(refused) => line("answer", &format!("none: {refused}")),
        Ok(decision) => {
            let mut listener =
                format!("{} {}", decision.listener.protocol.as_str(), decision.listener.port);
            if let Some(certificate) = decision.certificate {
                listener.push_str(&format!(", certificate {}", certificate.arn));
            }
            line("listener", &listener);
            let route = decision.route;
            let words = match route.priority {
                Some(_) => format!("{}, {}", route.id, conditions(&route.conditions)),
                None => "default action, since no rule matches".to_owned(),
            };
            line("rule", &words);
            if let Some(place) = &route.place {
                line("from", &from(place));
            }
            if let Some(login) = login(&decision.answer.authentication) {
                line("login", &login);
            }
            if let Some(rewritten) = rewritten(&decision.answer.reply) {
                line("target sees", &rewritten);
            }
            let last = labelled("answer", &decision.answer.reply.to_string(), style);
            out.push_str(&paint::bold(last.trim_end()));
            out.push('\n');
        }
    }
    out
}

/// Rules that were tried before and did not match.
pub fn passed(passed: &[Passed<'_>], request: &Request, style: Style) -> String {
    let mut out = String::new();
    for passed in passed.iter().take(CLOSEST) {
        let place = passed.route.place.as_ref().map(|place| {
            format!(", Ingress {} ({}:{})", place.ingress, place.position.file, place.position.line)
        });
        let title = format!("{}{}", passed.route.id, place.unwrap_or_default());
        out.push_str(&labelled("no match", &title, style));
        for condition in &passed.unmet {
            let words = format!("{}: {}", asked_for(condition), sent(condition, request));
            out.push_str(&labelled("", &words, style));
        }
    }
    match passed.len().saturating_sub(CLOSEST) {
        0 => {}
        more => {
            let words = format!("{} that are further off", describe::counted(more, "rule"));
            out.push_str(&labelled("no match", &words, style));
        }
    }
    out
}

/// A label and words, which continue below themselves.
fn labelled(label: &str, text: &str, style: Style) -> String {
    let indent = " ".repeat(LABEL + 2);
    let text = wrapped(&safe(text), &indent, style.width);
    format!("  {label:LABEL$}{}\n", text.trim_start())
}

fn from(place: &Place) -> String {
    format!("Ingress {}, {}", place.ingress, place.position)
}

/// What conditions ask for.
pub fn conditions(conditions: &[Condition]) -> String {
    describe::conditions(&serde_json::to_value(conditions).unwrap_or_default())
}

fn asked_for(condition: &Condition) -> String {
    let words = conditions(std::slice::from_ref(condition));
    match condition.field.as_str() {
        "host-header" => format!("the host must be {words}"),
        "path-pattern" => format!("the path must be {words}"),
        "http-header" => format!("a header must be {words}"),
        "http-request-method" => {
            format!("the method must be {}", words.trim_start_matches("method "))
        }
        "query-string" => format!("the query must have {}", words.trim_start_matches('?')),
        _ => format!("the request must come {words}"),
    }
}

/// What the request has in the place that a condition looks at.
fn sent(condition: &Condition, request: &Request) -> String {
    match condition.field.as_str() {
        "host-header" => format!("it is {}", request.host),
        "path-pattern" => format!("it is {}", request.path),
        "http-request-method" => format!("it is {}", request.method),
        "query-string" if request.query.is_empty() => "there is none".to_owned(),
        "query-string" => format!("it is {}", request.query),
        "http-header" => {
            let name = condition.http_header.as_ref().map_or("", |config| &config.http_header_name);
            let sent = request.headers.iter().filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
            let values: Vec<&str> = sent.map(|(_, value)| value.as_str()).collect();
            if values.is_empty() {
                "it is not sent".to_owned()
            } else {
                format!("it is {}", values.join(", "))
            }
        }
        _ => format!("it comes from {}", request.source_ip),
    }
}

/// Who must log in, and what happens to others.
pub fn login(authentication: &Authentication) -> Option<String> {
    let provider = authentication.provider()?;
    let name = match authentication {
        Authentication::None => return None,
        Authentication::Cognito(_) => "Cognito",
        Authentication::Oidc(_) => "OpenID Connect",
        Authentication::Jwt(_) => "bearer token (JWT)",
    };
    let others = match (authentication, authentication.on_unauthenticated_request()) {
        (Authentication::Jwt(_), _) => "requests without a valid one get 401",
        (_, Some("allow")) => "others may pass as well",
        (_, Some("deny")) => "others get 401",
        _ => "others are sent to log in",
    };
    Some(format!("{name}, {provider}; {others}"))
}

fn rewritten(reply: &Reply) -> Option<String> {
    let Reply::Forward { host, url, .. } = reply else { return None };
    let parts = [("host", host), ("URL", url)];
    let parts: Vec<String> =
        parts.iter().filter_map(|(name, new)| Some(format!("{name} {}", new.as_ref()?))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A route as it is listed.
struct Row {
    cells: [String; 7],
}

const TITLES: [&str; 7] = ["LISTENER", "PRIORITY", "HOST", "PATH", "IF", "ANSWER", "FROM"];

/// All routes of a load balancer: a table where it fits, else two lines for each.
pub fn list(balancer: &Balancer, side: Option<&str>, style: Style) -> String {
    let mut title = format!("{}, load balancer {}", balancer.group, balancer.name);
    if let Some(side) = side {
        title.push_str(&format!(", {side}"));
    }
    let listeners = balancer.listeners.values();
    let rows: Vec<Row> = listeners
        .flat_map(|listener| listener.all_routes().map(|route| row(listener, route)))
        .collect();
    // Columns that are empty throughout take room from the others.
    let used = |&column: &usize| rows.iter().any(|row| !row.cells[column].is_empty());
    let used: Vec<usize> = (0..TITLES.len()).filter(used).collect();
    let width_of = |column: usize| {
        let cells = rows.iter().map(|row| row.cells[column].chars().count());
        cells.max().unwrap_or(0).max(TITLES[column].len())
    };
    let width: usize = used.iter().map(|&column| width_of(column) + 2).sum();
    let text = if width <= style.width {
        let titles: Vec<&str> = used.iter().map(|&column| TITLES[column]).collect();
        let mut table = Columns::indented("  ", &titles, style);
        for row in &rows {
            table.row(used.iter().map(|&i| safe(&row.cells[i]).into_owned()).collect());
        }
        table.render()
    } else {
        rows.iter().map(|row| row.lines(style)).collect()
    };
    format!("{}\n{text}", paint::bold(&safe(&title)))
}

fn row(listener: &ListenerTable, route: &Route) -> Row {
    let of = |is_wanted: &dyn Fn(&Condition) -> bool| {
        let wanted: Vec<_> = route.conditions.iter().filter(|c| is_wanted(c)).cloned().collect();
        if wanted.is_empty() { String::new() } else { conditions(&wanted) }
    };
    let is_host = |c: &Condition| c.field == "host-header";
    let is_path = |c: &Condition| c.field == "path-pattern";
    let place = route.place.as_ref();
    let from = place.map(|p| format!("{} {}:{}", p.ingress, p.position.file, p.position.line));
    Row {
        cells: [
            format!("{} {}", listener.protocol.as_str(), listener.port),
            route.priority.map_or_else(|| "default".to_owned(), |p| p.to_string()),
            of(&is_host),
            of(&is_path),
            of(&|c| !is_host(c) && !is_path(c)),
            route.outcome.template().to_string(),
            from.unwrap_or_default(),
        ],
    }
}

impl Row {
    fn lines(&self, style: Style) -> String {
        let [listener, priority, host, path, others, answer, from] = &self.cells;
        let conditions = [host, path, others].map(String::as_str);
        let conditions: Vec<&str> = conditions.into_iter().filter(|c| !c.is_empty()).collect();
        let label = format!("  {listener:<9} {priority:>7}  ");
        let indent = " ".repeat(label.len());
        let words = match conditions.as_slice() {
            [] => format!("→ {answer}"),
            conditions => format!("{} → {answer}", conditions.join(" ")),
        };
        let first = wrapped(&safe(&words), &indent, style.width);
        let mut lines = format!("{label}{}\n", first.trim_start());
        if !from.is_empty() {
            lines.push_str(&paint::dim(&wrapped(&safe(from), &indent, style.width)));
            lines.push('\n');
        }
        lines
    }
}
