//! URLs as they are typed. Nothing is normalised: what a client would send is what is matched.

use super::request::Request;
use super::table::Protocol;
use std::fmt;
use std::str::FromStr;

/// A URL and the listener that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// Of its scheme.
    pub protocol: Protocol,
    /// The host, without a port.
    pub host: String,
    /// The port, or the scheme's.
    pub port: i32,
    /// `/` at least, and the query.
    pub path_and_query: String,
}

impl Url {
    /// A `GET` for it.
    pub fn request(&self) -> Request {
        Request { host: self.host.clone(), ..Request::get("", &self.path_and_query) }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.protocol.scheme(), self.host)?;
        if self.port != self.protocol.default_port() {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path_and_query)
    }
}

/// Why a text is no URL that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// It starts with neither `https://` nor `http://`.
    Scheme,
    /// It names no host, or one that no `Host` header can hold.
    Host,
    /// Its port is no number from 1 to 65535.
    Port,
    /// It holds spaces or control characters.
    Characters,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UrlError::Scheme => "it starts with neither `https://` nor `http://`",
            UrlError::Host => "it names no host",
            UrlError::Port => "its port is no number from 1 to 65535",
            UrlError::Characters => {
                "it holds spaces or control characters, which no request line can"
            }
        })
    }
}

impl std::error::Error for UrlError {}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let scheme = text.find("://").map_or("", |end| &text[..end]);
        let protocol = [Protocol::Https, Protocol::Http]
            .into_iter()
            .find(|protocol| protocol.scheme().eq_ignore_ascii_case(scheme))
            .ok_or(UrlError::Scheme)?;
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(UrlError::Characters);
        }
        let rest = &text[scheme.len() + 3..];
        // A fragment stays with the client.
        let rest = rest.split('#').next().unwrap_or(rest);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let bracket = authority.rfind(']').unwrap_or(0);
        let (host, port) = match authority[bracket..].rfind(':') {
            Some(colon) => {
                let port: u16 =
                    authority[bracket + colon + 1..].parse().map_err(|_| UrlError::Port)?;
                (&authority[..bracket + colon], i32::from(port))
            }
            None => (authority, protocol.default_port()),
        };
        if port == 0 {
            return Err(UrlError::Port);
        }
        if host.is_empty() {
            return Err(UrlError::Host);
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Url { protocol, host: host.to_owned(), port, path_and_query: format!("{slash}{path}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_they_stand() {
        let check = |text: &str, host: &str, port: i32, path: &str| {
            let url: Url = text.parse().unwrap();
            assert_eq!((&*url.host, url.port, &*url.path_and_query), (host, port, path), "{text}");
        };
        check("https://Shop.example.com/Cart/42?x=1", "Shop.example.com", 443, "/Cart/42?x=1");
        check("http://a.b", "a.b", 80, "/");
        check("HTTP://a.b:8080?x", "a.b", 8080, "/?x");
        check("https://a.b/x/../y//z/%41#part", "a.b", 443, "/x/../y//z/%41");
        check("https://me:secret@a.b:8443/", "a.b", 8443, "/");
        check("https://[2001:db8::1]:8443/", "[2001:db8::1]", 8443, "/");
        check("https://[2001:db8::1]/", "[2001:db8::1]", 443, "/");
        check("https://a.b/x?y=https://c.d:1/", "a.b", 443, "/x?y=https://c.d:1/");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        let check = |text: &str, expected: UrlError| {
            assert_eq!(text.parse::<Url>(), Err(expected), "{text}");
        };
        check("shop.example.com/cart", UrlError::Scheme);
        check("ftp://a.b/", UrlError::Scheme);
        check("", UrlError::Scheme);
        check("https:///cart", UrlError::Host);
        check("https://:443/", UrlError::Host);
        check("https://a.b:x/", UrlError::Port);
        check("https://a.b:0/", UrlError::Port);
        check("https://a.b:65536/", UrlError::Port);
        check("https://a.b/x y", UrlError::Characters);
    }

    #[test]
    fn urls_print_as_they_were_read() {
        for text in ["https://a.b/x?y", "http://a.b:8080/", "https://a.b:8443/"] {
            assert_eq!(text.parse::<Url>().unwrap().to_string(), text);
        }
    }
}
