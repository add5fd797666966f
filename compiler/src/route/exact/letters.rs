//! Sets of letters. Requests are made of ASCII, so that a set is 128 bits.

use std::fmt;

/// A set of ASCII characters.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Letters(u128);

impl Letters {
    pub(super) const NONE: Letters = Letters(0);
    /// All of ASCII.
    pub(super) const ALL: Letters = Letters(u128::MAX);
    /// What can be seen: `!` to `~`.
    pub(super) const VISIBLE: Letters = Letters::range(b'!', b'~');
    /// Everything that is in texts of any kind.
    pub(super) const TEXT: Letters = Letters::range(b' ', b'~');
    /// What `\w` matches.
    pub(super) const WORD: Letters = Letters::range(b'0', b'9')
        .or(Letters::range(b'A', b'Z'))
        .or(Letters::range(b'a', b'z'))
        .or(Letters::one(b'_'));

    /// One letter; none if it is not ASCII.
    #[inline]
    pub(super) const fn one(letter: u8) -> Letters {
        if letter < 128 { Letters(1 << letter) } else { Letters(0) }
    }

    /// All from one letter to another, both included.
    #[inline]
    pub(super) const fn range(first: u8, last: u8) -> Letters {
        let mut set = 0;
        let mut letter = first;
        while letter <= last && letter < 128 {
            set |= 1 << letter;
            letter += 1;
        }
        Letters(set)
    }

    #[inline]
    pub(super) const fn or(self, other: Letters) -> Letters {
        Letters(self.0 | other.0)
    }

    #[inline]
    pub(super) const fn and(self, other: Letters) -> Letters {
        Letters(self.0 & other.0)
    }

    #[inline]
    pub(super) const fn minus(self, other: Letters) -> Letters {
        Letters(self.0 & !other.0)
    }

    #[inline]
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if the sets share a letter.
    #[inline]
    pub(super) const fn meets(self, other: Letters) -> bool {
        self.0 & other.0 != 0
    }

    /// The set itself if it is one letter, or both cases of one.
    #[inline]
    pub(super) fn single(self) -> Letters {
        let lowest = Letters(self.0 & self.0.wrapping_neg());
        if self == lowest || self == lowest.folded() { self } else { Letters::NONE }
    }

    /// With the other case of each letter.
    #[inline]
    pub(super) fn folded(self) -> Letters {
        let upper = self.and(Letters::range(b'A', b'Z'));
        let lower = self.and(Letters::range(b'a', b'z'));
        self.or(Letters(upper.0 << 32)).or(Letters(lower.0 >> 32))
    }

    /// The letter that reads best in an example: letters first, then digits, then `-`.
    #[inline]
    pub(super) fn nicest(self) -> Option<(u8, char)> {
        let ranges = [
            Letters::range(b'a', b'z'),
            Letters::range(b'0', b'9'),
            Letters::range(b'A', b'Z'),
            Letters::one(b'-'),
            Letters::one(b'_'),
            Letters::one(b'.'),
            Letters::one(b'/'),
            Letters::range(0, 127),
        ];
        (0..).zip(ranges).find_map(|(rank, range)| {
            let found = self.and(range);
            let letter = u8::try_from(found.0.trailing_zeros()).ok()?;
            (!found.is_empty()).then_some((rank, char::from(letter)))
        })
    }
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries((0..128_u8).filter(|c| self.meets(Letters::one(*c))).map(char::from))
            .finish()
    }
}

/// Splits disjoint sets until each lies within or without `by`.
#[inline]
pub(super) fn split(parts: &mut Vec<Letters>, by: Letters) {
    for i in 0..parts.len() {
        let inside = parts[i].and(by);
        if !inside.is_empty() && inside != parts[i] {
            parts.push(parts[i].minus(by));
            parts[i] = inside;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_fold_case_and_name_their_nicest_letter() {
        assert_eq!(Letters::one(b'K').folded(), Letters::one(b'k').or(Letters::one(b'K')));
        assert_eq!(Letters::one(b'-').folded(), Letters::one(b'-'));
        assert_eq!(Letters::VISIBLE.nicest(), Some((0, 'a')));
        assert_eq!(Letters::range(b'!', b'9').nicest(), Some((1, '0')));
        assert_eq!(Letters::NONE.nicest(), None);
    }

    #[test]
    fn parts_are_split_at_every_border() {
        let mut parts = vec![Letters::range(b'a', b'd')];
        split(&mut parts, Letters::range(b'c', b'f'));
        split(&mut parts, Letters::one(b'a'));
        parts.sort();
        assert_eq!(parts, [Letters::one(b'a'), Letters::one(b'b'), Letters::range(b'c', b'd')]);
    }
}
