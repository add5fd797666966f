//! Rules that the controller leaves out: redirects that lead to themselves, and what stands
//! behind a redirect that takes everything it does.

use crate::resource::{Action, Condition, Redirect};
use rustc_hash::FxHashMap;

/// What decides whether a rule is left out.
pub(crate) struct Candidate<'r> {
    /// All its conditions.
    pub(crate) conditions: &'r [Condition],
    /// Its actions.
    pub(crate) actions: &'r [Action],
}

/// For each rule of a listener, in order, whether it stays.
pub(crate) fn optimize(port: i32, protocol: &str, rules: &[Candidate<'_>]) -> Vec<bool> {
    let redirects = |rule: &Candidate<'_>| rule.actions.iter().any(|it| it.redirect.is_some());
    if !rules.iter().any(redirects) {
        return vec![true; rules.len()];
    }
    let mut redirects = Redirects::default();
    rules
        .iter()
        .map(|rule| {
            let redirect = rule.actions.iter().find_map(|action| action.redirect.as_deref());
            let reach = Reach::of(rule.conditions);
            if redirect.is_some_and(|redirect| is_loop(port, protocol, redirect, &reach))
                || redirects.cover(&reach)
            {
                return false;
            }
            if redirect.is_some() {
                redirects.add(reach);
            }
            true
        })
        .collect()
}

/// The hosts and paths that a rule takes, as texts.
#[derive(Default)]
struct Reach<'r> {
    hosts: Vec<&'r str>,
    paths: Vec<&'r str>,
    /// Paths are regular expressions.
    regex: bool,
    /// There are conditions on something else.
    narrowed: bool,
}

impl<'r> Reach<'r> {
    fn of(conditions: &'r [Condition]) -> Self {
        let mut reach = Reach::default();
        for condition in conditions {
            if let Some(host) = &condition.host_header {
                reach.hosts.extend(host.values.iter().map(String::as_str));
            } else if let Some(path) = &condition.path_pattern {
                reach.regex |= !path.regex_values.is_empty();
                let values =
                    if path.regex_values.is_empty() { &path.values } else { &path.regex_values };
                reach.paths.extend(values.iter().map(String::as_str));
            } else {
                reach.narrowed = true;
            }
        }
        reach
    }

    /// Compares texts only: a wildcard other than the path `/*` covers nothing but itself, and
    /// hosts given as expressions count as no hosts.
    fn covers(&self, other: &Reach<'_>) -> bool {
        let superset = |ours: &[&str], theirs: &[&str]| {
            !theirs.is_empty() && theirs.iter().all(|text| ours.contains(text))
        };
        let hosts = self.hosts.is_empty() || superset(&self.hosts, &other.hosts);
        let paths = self.paths.is_empty()
            || self.paths.contains(&"/*")
            || superset(&self.paths, &other.paths);
        hosts && paths
    }
}

/// Redirects that stay, by host, so that many hosts of a group cost little.
#[derive(Default)]
struct Redirects<'r> {
    reaches: Vec<Reach<'r>>,
    any_host: Vec<usize>,
    by_host: FxHashMap<&'r str, Vec<usize>>,
}

impl<'r> Redirects<'r> {
    fn add(&mut self, reach: Reach<'r>) {
        if reach.narrowed {
            return;
        }
        let index = self.reaches.len();
        if reach.hosts.is_empty() {
            self.any_host.push(index);
        }
        for host in &reach.hosts {
            self.by_host.entry(host).or_default().push(index);
        }
        self.reaches.push(reach);
    }

    fn cover(&self, other: &Reach<'_>) -> bool {
        let of_host = other.hosts.first().and_then(|host| self.by_host.get(host));
        let mut candidates = self.any_host.iter().chain(of_host.into_iter().flatten());
        candidates.any(|&index| self.reaches[index].covers(other))
    }
}

/// True if the redirect leads to what the rule takes, on the same port and protocol. A part that
/// is absent stays as in the request.
fn is_loop(port: i32, protocol: &str, redirect: &Redirect, reach: &Reach<'_>) -> bool {
    let stays = |part: &Option<String>, same: &str, own: &dyn Fn(&str) -> bool| {
        part.as_deref().is_none_or(|part| part == same || own(part))
    };
    !reach.regex
        && stays(&redirect.host, "#{host}", &|host| reach.hosts.contains(&host))
        && stays(&redirect.path, "/#{path}", &|path| reach.paths.contains(&path))
        && stays(&redirect.port, "#{port}", &|text| text == port.to_string())
        && stays(&redirect.protocol, "#{protocol}", &|text| text == protocol)
        && stays(&redirect.query, "#{query}", &|_| false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(port: i32, protocol: &str, rules: &[(&str, &str)]) -> Vec<bool> {
        let rules: Vec<(Vec<Condition>, Vec<Action>)> = rules
            .iter()
            .map(|(conditions, action)| {
                (
                    serde_json::from_str(conditions).unwrap(),
                    vec![serde_json::from_str(action).unwrap()],
                )
            })
            .collect();
        let candidates: Vec<_> =
            rules.iter().map(|(conditions, actions)| Candidate { conditions, actions }).collect();
        optimize(port, protocol, &candidates)
    }

    const TO_HTTPS: &str = r##"{"type":"redirect","redirectConfig":
        {"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}"##;
    const ANSWER: &str = r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200"}}"#;

    fn host(host: &str, path: &str) -> String {
        format!(
            r#"[{{"field":"host-header","hostHeaderConfig":{{"values":["{host}"]}}}},
                {{"field":"path-pattern","pathPatternConfig":{{"values":["{path}"]}}}}]"#
        )
    }

    #[test]
    fn a_redirect_to_itself_is_left_out() {
        let all = r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/*"]}}]"#;
        assert_eq!(kept(443, "HTTPS", &[(all, TO_HTTPS)]), [false]);
        assert_eq!(kept(80, "HTTP", &[(all, TO_HTTPS)]), [true]);
        let own = r#"{"type":"redirect","redirectConfig":{"host":"a.b","statusCode":"HTTP_301"}}"#;
        assert_eq!(kept(80, "HTTP", &[(&host("a.b", "/*"), own)]), [false]);
        assert_eq!(kept(80, "HTTP", &[(&host("c.d", "/*"), own)]), [true]);
    }

    #[test]
    fn rules_behind_a_redirect_of_all_paths_of_their_host_are_left_out() {
        let (a, b) = (host("a.b", "/*"), host("a.b", "/x"));
        let other = host("c.d", "/x");
        let rules = [(a.as_str(), TO_HTTPS), (b.as_str(), ANSWER), (other.as_str(), ANSWER)];
        assert_eq!(kept(80, "HTTP", &rules), [true, false, true]);
        let rules = [(a.as_str(), ANSWER), (b.as_str(), ANSWER)];
        assert_eq!(kept(80, "HTTP", &rules), [true, true]);
    }

    #[test]
    fn a_redirect_with_another_condition_covers_nothing() {
        let narrow =
            r#"[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]"#;
        let rules = [(narrow, TO_HTTPS), (narrow, ANSWER)];
        assert_eq!(kept(80, "HTTP", &rules), [true, true]);
    }
}
