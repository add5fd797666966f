//! Where nodes start and end that granit reports by their content only.

fn skip(bytes: &[u8], mut at: usize, while_: impl Fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|&b| while_(b)) {
        at += 1;
    }
    at
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The next byte that is no white space and in no comment.
fn skip_space(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = skip(bytes, at, |b| is_blank(b) || is_break(b));
        if bytes.get(at) != Some(&b'#') {
            return at;
        }
        at = skip(bytes, at, |b| !is_break(b));
    }
}

/// Skips anchors, tags and the indicators before a value.
fn skip_properties(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = skip_space(bytes, at);
        match bytes.get(at) {
            Some(b'&' | b'!') => at = skip(bytes, at, |b| !is_blank(b) && !is_break(b)),
            Some(b':' | b'?' | b',') => at += 1,
            _ => return at,
        }
    }
}

/// The `|` or `>` of a block scalar whose content starts at `content`; the last token before it
/// ended at `from`.
pub(super) fn header(source: &str, from: u32, content: u32) -> u32 {
    let bytes = source.as_bytes();
    let mut at = skip_properties(bytes, from as usize);
    while bytes.get(at) == Some(&b'-') {
        at = skip_properties(bytes, at + 1);
    }
    match bytes.get(at) {
        Some(b'|' | b'>') if at < content as usize => at as u32,
        _ => content,
    }
}

/// The end of a block scalar's last line, from its header to granit's end of it. Lines of white space
/// at its end count if they are part of its text.
pub(super) fn block_end(source: &str, header: u32, end: u32, text: &str) -> u32 {
    let end = (end as usize).max(header as usize);
    let raw = source.get(header as usize..end).unwrap_or("");
    let breaks = ['\n', '\r'];
    let counts = text.trim_end_matches(breaks).ends_with([' ', '\t']);
    let trimmed = if counts { raw.trim_end_matches(breaks) } else { raw.trim_end() };
    let at = header as usize + trimmed.len();
    skip(&source.as_bytes()[..end], at, |b| !is_break(b)) as u32
}

/// Behind the indicator that follows `from`, or `from` itself if something else follows.
pub(super) fn after(source: &str, from: u32, indicator: u8) -> u32 {
    let at = skip_space(source.as_bytes(), from as usize);
    if source.as_bytes().get(at) == Some(&indicator) { at as u32 + 1 } else { from }
}

/// The dash that starts a block sequence, searched from `from`; `otherwise` if there is none.
pub(super) fn dash(source: &str, from: u32, otherwise: u32) -> u32 {
    let at = skip_properties(source.as_bytes(), from as usize);
    if source.as_bytes().get(at) == Some(&b'-') { at as u32 } else { otherwise }
}
