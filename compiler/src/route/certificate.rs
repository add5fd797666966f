//! Which certificate a client gets that names a host in its greeting.

/// A certificate of a listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Certificate {
    /// Its ARN; of one that does not exist yet, its place in the stack.
    pub arn: String,
    /// Names that it is for; none if nobody knows.
    pub domains: Vec<String>,
}

/// The certificate for a host, of those of a listener, the first of which is the default. Of
/// several that fit, ALB takes the one that suits the client best; here it is the first.
pub(super) fn choose<'c>(certificates: &'c [Certificate], host: &str) -> Option<&'c Certificate> {
    let fits = |certificate: &&Certificate| certificate.domains.iter().any(|d| is_for(d, host));
    certificates.iter().find(fits).or(certificates.first())
}

/// True if a name of a certificate stands for a host. `*` is one label.
fn is_for(domain: &str, host: &str) -> bool {
    if domain.eq_ignore_ascii_case(host) {
        return true;
    }
    let rest = domain.strip_prefix("*.");
    rest.zip(host.split_once('.')).is_some_and(|(domain, (label, rest))| {
        !label.is_empty() && domain.eq_ignore_ascii_case(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_for_the_host_and_else_the_default() {
        let certificate = |arn: &str, domains: &[&str]| Certificate {
            arn: arn.to_owned(),
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        };
        let all = [
            certificate("default", &["example.org"]),
            certificate("wild", &["*.example.com"]),
            certificate("shop", &["shop.example.com"]),
        ];
        let check = |host: &str, expected: &str| {
            assert_eq!(choose(&all, host).unwrap().arn, expected, "{host}");
        };
        check("Shop.example.com", "wild");
        check("a.b.example.com", "default");
        check("example.com", "default");
        check("example.org", "default");
        assert_eq!(choose(&[], "example.org"), None);
    }
}
