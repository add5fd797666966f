//! What a plan has to say beside its changes: security, guards, drift, what stays and why.

use crate::view::describe::counted;
use crate::view::text::{safe, short};
use crate::view::{paint, value};
use ingc_planner::Plan;
use ingc_planner::plan::{ImpactLevel, QuotaUse};
use serde_json::Value;

/// From this part of a limit on it is shown, in percent.
const NOTEWORTHY: u32 = 80;

/// As many lines has a section.
const LINES: usize = 40;

/// As many names are listed.
const LISTED: usize = 6;

/// All sections that have something to say, each with an empty line behind it.
pub(super) fn text(plan: &Plan) -> String {
    let sections = [
        security(plan),
        drift(plan),
        frozen(plan),
        kept(plan),
        quotas(plan),
        guards(plan),
        touched(plan),
    ];
    sections.into_iter().flatten().map(|section| section + "\n\n").collect()
}

fn section(title: String, lines: Vec<String>) -> Option<String> {
    let more = lines.len().saturating_sub(LINES);
    let shown = lines.iter().take(LINES).map(|line| format!("\n  {line}"));
    let more = (more > 0).then(|| format!("\n  and {more} more"));
    let text: String = shown.chain(more).collect();
    (!text.is_empty()).then(|| title + &text)
}

fn security(plan: &Plan) -> Option<String> {
    let lines = plan.security.iter().map(|note| {
        let reason = note.reason.as_ref().and_then(|reason| reason.position.as_ref());
        let place = reason.map(|position| paint::dim(&safe(&format!(" ({position})"))));
        let (sign, colour): (_, fn(&str) -> String) =
            if note.weaker { ("!", paint::alarm) } else { ("✓", paint::green) };
        let text = format!("{sign} {} {}", short(&note.address), safe(&note.text));
        colour(&text) + &place.unwrap_or_default()
    });
    let weaker = plan.security.iter().any(|note| note.weaker);
    let title = if weaker { paint::alarm("Security") } else { paint::bold("Security") };
    section(title, lines.collect())
}

fn drift(plan: &Plan) -> Option<String> {
    let title = paint::yellow("Changed by somebody else since it was applied");
    let who = who(plan).map(|command| format!("\n  who it was: {}", paint::dim(command)));
    section(title, drift_lines(plan).collect()).map(|section| section + &who.unwrap_or_default())
}

/// The command that tells who has changed something, of which AWS keeps a record of its own. None
/// if nobody has, or if the account is a simulated one.
pub(super) fn who(plan: &Plan) -> Option<&'static str> {
    let is_aws = !plan.account.is_empty() && plan.account.bytes().all(|b| b.is_ascii_digit());
    (is_aws && !plan.drift.is_empty()).then_some(
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=elasticloadbalancing.amazonaws.com --query \"Events[?ReadOnly=='false'].[EventTime,Username,EventName,Resources[0].ResourceName]\" --output text",
    )
}

/// What somebody else has changed: a line per resource, and one per field behind two spaces.
pub(super) fn drift_lines(plan: &Plan) -> impl Iterator<Item = String> + '_ {
    plan.drift.iter().flat_map(|drift| {
        let gone = if drift.gone { " no longer exists" } else { "" };
        let mut lines = vec![format!("{}{gone}", short(&drift.address))];
        for field in &drift.fields {
            let side =
                |value: &Option<Value>| value.as_ref().map_or("none".to_owned(), value::flow);
            let (before, after) = (side(&field.before), side(&field.after));
            lines.push(format!("  {}: {before} → {after}", safe(&field.path)));
        }
        lines
    })
}

fn frozen(plan: &Plan) -> Option<String> {
    let lines = plan.frozen.iter().map(|frozen| {
        let stays = match frozen.resources {
            0 => "nothing of it exists yet".to_owned(),
            n => format!("{} stay as they are", counted(n, "resource")),
        };
        let mut why = frozen.reasons.first().cloned().unwrap_or_default();
        if frozen.reasons.len() > 1 {
            why.push_str(&format!(", and {}", counted(frozen.reasons.len() - 1, "other error")));
        }
        safe(&format!("{}: {stays} ({why})", frozen.stack)).into_owned()
    });
    section(paint::alarm("Frozen: these groups have errors"), lines.collect())
}

fn kept(plan: &Plan) -> Option<String> {
    let lines = plan.kept.iter().map(|kept| {
        let members = listed(&kept.members);
        let resources = counted(kept.resources, "resource");
        safe(&format!("{}: {resources} of {members}", kept.stack)).into_owned()
    });
    let title = "Kept: recorded, but not among these manifests (`--prune` deletes them)";
    section(paint::yellow(title), lines.collect())
}

fn quotas(plan: &Plan) -> Option<String> {
    section(paint::bold("Limits of AWS"), quota_lines(plan))
}

/// A line for each load balancer and security group whose use of a limit changes, or comes near.
pub(in crate::view) fn quota_lines(plan: &Plan) -> Vec<String> {
    let of_one = plan.quotas.chunk_by(|a, b| a.address == b.address);
    of_one
        .filter_map(|quotas| {
            let shown = quotas.iter().filter(|quota| is_noteworthy(quota)).map(quota_use);
            let shown: Vec<String> = shown.collect();
            let line = format!("{}: {}", short(&quotas.first()?.address), shown.join(", "));
            (!shown.is_empty()).then_some(line)
        })
        .collect()
}

fn most(quota: &QuotaUse) -> u32 {
    quota.before.max(quota.after).max(quota.peak)
}

fn is_noteworthy(quota: &QuotaUse) -> bool {
    let changes = quota.before != quota.after && quota.before > 0 && quota.after > 0;
    changes || most(quota) * 100 >= quota.limit * NOTEWORTHY
}

/// `rules 86 → 87/100`.
fn quota_use(quota: &QuotaUse) -> String {
    let QuotaUse { what, before, after, peak, limit, .. } = quota;
    let numbers = if before == after { after.to_string() } else { format!("{before} → {after}") };
    let peak =
        if peak > after.max(before) { format!(" ({peak} on the way)") } else { String::new() };
    let line = format!("{what} {numbers}/{limit}{peak}");
    match most(quota) {
        most if most > *limit => paint::alarm(&line),
        most if most * 100 >= limit * NOTEWORTHY => paint::yellow(&line),
        _ => line,
    }
}

fn guards(plan: &Plan) -> Option<String> {
    let lines = plan.guards.iter().map(|guard| {
        paint::red(&safe(&format!("{}: {} ({})", guard.stack, guard.text, guard.kind.flag())))
    });
    section(paint::alarm("`apply` does this only with the flag"), lines.collect())
}

/// Who is touched.
fn touched(plan: &Plan) -> Option<String> {
    let lines = touched_lines(plan);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Who is touched, and whose hosts besides those of the teams that ask for it.
pub(in crate::view) fn touched_lines(plan: &Plan) -> Vec<String> {
    let radius = &plan.blast_radius;
    if radius.ingresses.is_empty() {
        return Vec::new();
    }
    let hosts = match radius.hosts.as_slice() {
        [] => String::new(),
        hosts => format!(", hosts {}", listed(hosts)),
    };
    let ingresses = counted(radius.ingresses.len(), "Ingress");
    let ingresses = match radius.ingresses.as_slice() {
        [only] => format!("{ingresses} ({only})"),
        _ => ingresses,
    };
    let namespaces = counted(radius.namespaces.len(), "namespace");
    let namespaces = match radius.namespaces.as_slice() {
        [_] => namespaces,
        names => format!("{namespaces} ({})", listed(names)),
    };
    let mut lines =
        vec![safe(&format!("Touches {ingresses} in {namespaces}{hosts}.")).into_owned()];
    let others: Vec<String> = radius
        .others
        .iter()
        .map(|(namespace, hosts)| match hosts.as_slice() {
            [] => format!("`{namespace}`"),
            hosts => format!("`{namespace}` ({})", listed(hosts)),
        })
        .collect();
    if !others.is_empty() {
        let line = format!("Of other teams: {}.", listed(&others));
        lines.push(paint::yellow(&safe(&line)));
    }
    lines
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How much traffic feels, in a word or two.
pub(in crate::view) fn level(level: ImpactLevel) -> &'static str {
    match level {
        ImpactLevel::None => "",
        ImpactLevel::Drain => "drain",
        ImpactLevel::ProtectionWeakened => "less protection",
        ImpactLevel::NewDnsName => "new DNS name",
        ImpactLevel::Outage => "outage",
    }
}

/// A line in the colour of its impact.
pub(super) fn coloured(level: ImpactLevel, line: &str) -> String {
    match level {
        ImpactLevel::None => line.to_owned(),
        ImpactLevel::Drain => paint::yellow(line),
        ImpactLevel::ProtectionWeakened | ImpactLevel::NewDnsName => paint::red(line),
        ImpactLevel::Outage => paint::alarm(line),
    }
}
