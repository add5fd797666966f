//! Which texts a request can have in each of its parts. What no client sends is no difference.

use super::letters::Letters;

/// A small deterministic automaton.
pub(super) struct Universe {
    pub(super) start: u8,
    accepting: &'static [bool],
    steps: &'static [&'static [(Letters, u8)]],
    /// Texts that read better in an example than the shortest ones.
    pub(super) preferred: &'static [&'static str],
}

impl Universe {
    pub(super) fn accepts(&self, place: u8) -> bool {
        self.accepting[usize::from(place)]
    }

    /// True if a request can have this text.
    pub(super) fn contains(&self, text: &str) -> bool {
        let read = |place: u8, letter: u8| {
            let mut steps = self.steps(place).iter();
            steps.find(|(letters, _)| letters.meets(Letters::one(letter))).map(|(_, to)| *to)
        };
        let end = text.bytes().try_fold(self.start, read);
        end.is_some_and(|place| self.accepts(place))
    }

    pub(super) fn steps(&self, place: u8) -> &'static [(Letters, u8)] {
        self.steps[usize::from(place)]
    }
}

const HOST_LETTERS: Letters = Letters::range(b'a', b'z')
    .or(Letters::range(b'A', b'Z'))
    .or(Letters::range(b'0', b'9'))
    .or(Letters::one(b'-'))
    .or(Letters::one(b'_'));

/// Labels of letters, digits, `-` and `_`, with dots between them.
pub(super) static HOST: Universe = Universe {
    start: 0,
    accepting: &[false, true],
    steps: &[&[(HOST_LETTERS, 1)], &[(HOST_LETTERS, 1), (Letters::one(b'.'), 0)]],
    preferred: &["example.com", "www.example.com", "other.example.com"],
};

const QUERY_LETTERS: Letters = Letters::VISIBLE.minus(Letters::one(b'#'));

/// A slash, and what can be seen but `?` and `#`.
pub(super) static PATH: Universe = Universe {
    start: 0,
    accepting: &[false, true],
    steps: &[&[(Letters::one(b'/'), 1)], &[(QUERY_LETTERS.minus(Letters::one(b'?')), 1)]],
    preferred: &[],
};

/// At least one letter that can be seen, but no `#`, `&` and `=`.
pub(super) static QUERY_KEY: Universe = Universe {
    start: 0,
    accepting: &[false, true],
    steps: &[
        &[(QUERY_LETTERS.minus(Letters::one(b'&')).minus(Letters::one(b'=')), 1)],
        &[(QUERY_LETTERS.minus(Letters::one(b'&')).minus(Letters::one(b'=')), 1)],
    ],
    preferred: &[],
};

/// What can be seen but `#` and `&`.
pub(super) static QUERY_VALUE: Universe = Universe {
    start: 0,
    accepting: &[true],
    steps: &[&[(QUERY_LETTERS.minus(Letters::one(b'&')), 0)]],
    preferred: &[],
};

/// What can be seen, with blanks within.
pub(super) static HEADER: Universe = Universe {
    start: 0,
    accepting: &[true, true, false],
    steps: &[
        &[(Letters::VISIBLE, 1)],
        &[(Letters::VISIBLE, 1), (Letters::one(b' '), 2)],
        &[(Letters::VISIBLE, 1), (Letters::one(b' '), 2)],
    ],
    preferred: &[],
};
