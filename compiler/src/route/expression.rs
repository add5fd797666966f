//! Regular expressions of conditions.
//!
//! They are read by ASCII: `\w`, `\d`, `\s` and `\b` know no other letters, and requests are made of
//! no other. What can be read by Unicode only is read so.

use super::pattern::Case;
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What one compiled expression may take, in bytes: it bounds hostile ones.
const SIZE: usize = 1 << 20;
/// Compiled expressions that a thread keeps. A load balancer has no more.
const KEPT: usize = 512;

/// Whether an expression is found in a text. One that cannot be read is found nowhere.
pub(super) fn found(regex: &str, text: &str, case: Case) -> bool {
    compiled(regex, case).is_some_and(|regex| regex.is_match(text.as_bytes()))
}

type Compiled = BTreeMap<(String, Case), Option<Rc<Regex>>>;

thread_local! {
    static COMPILED: RefCell<Compiled> = const { RefCell::new(BTreeMap::new()) };
}

fn compiled(regex: &str, case: Case) -> Option<Rc<Regex>> {
    COMPILED.with_borrow_mut(|kept| {
        let key = (regex.to_owned(), case);
        if let Some(known) = kept.get(&key) {
            return known.clone();
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let build = |unicode| {
            let mut builder = RegexBuilder::new(regex);
            builder.case_insensitive(case == Case::Insensitive).size_limit(SIZE).unicode(unicode);
            builder.build().ok()
        };
        let new = build(false).or_else(|| build(true)).map(Rc::new);
        kept.insert(key, new.clone());
        new
    })
}

/// The expression in its parts, read in the same way.
pub(super) fn parsed(regex: &str, case: Case) -> Option<Hir> {
    compiled(regex, case)?;
    let parse = |unicode| {
        let mut builder = ParserBuilder::new();
        builder.case_insensitive(case == Case::Insensitive).unicode(unicode).utf8(false);
        builder.build().parse(regex).ok()
    };
    parse(false).or_else(|| parse(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_searched_for_by_ascii() {
        let check = |regex: &str, text: &str, expected: bool| {
            assert_eq!(found(regex, text, Case::Sensitive), expected, "{regex} {text}");
        };
        check("/v[0-9]+/", "/api/v12/x", true);
        check("^/v", "/api/v12", false);
        check(r"^[\w-]{1,63}\.[\w-]{1,63}\.example\.com$", "a.b.example.com", true);
        check(r"^/\w$", "/é", false);
        check("[aé]", "a", true);
        check("(?=a)", "a", false);
        check("(", "(", false);
        assert!(found("^/CART", "/cart", Case::Insensitive));
    }
}
