//! CIDR blocks, read as the controller reads them.

use ipnet::IpNet;
use std::net::IpAddr;

/// An address, a slash and a prefix length; host bits are allowed. None if it is anything else.
pub fn parse(text: &str) -> Option<IpNet> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = prefix.trim_start_matches('0');
    let length: u8 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    IpNet::new(address, length).ok()
}

/// What to write in place of a text that is not a CIDR block.
pub fn suggestion(text: &str) -> String {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => format!("write {text}/32"),
        Ok(IpAddr::V6(_)) => format!("write {text}/128"),
        Err(_) => "write a block such as 10.0.0.0/8".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_as_go_reads_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse(text).map(|net| net.to_string()).as_deref(), expected, "{text}");
        };
        check("10.0.0.0/8", Some("10.0.0.0/8"));
        check("10.1.2.3/008", Some("10.1.2.3/8"));
        check("2001:db8::/32", Some("2001:db8::/32"));
        check("010.0.0.0/8", None);
        check("10.0.0.0/33", None);
        check("10.0.0.0/", None);
        check("10.0.0.0/+8", None);
        check("10.0.0.0", None);
        check("fe80::1%eth0/64", None);
    }
}
