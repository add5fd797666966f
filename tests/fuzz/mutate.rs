//! Inputs like good ones, and wrong somewhere.

use serde_json::{Map, Value, json};

/// Numbers that follow from a seed alone.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound.max(1)
    }

    pub(crate) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// True once in so many times.
    pub(crate) fn hits(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// What readers stumble over.
const PIECES: &[&str] = &[
    "\u{0}",
    "\u{feff}",
    "\u{1b}[31m",
    "\u{1b}]0;x\u{7}",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "\r",
    "\r\n",
    "\t",
    "\n",
    "\n---\n",
    "\n...\n",
    "- ",
    "? ",
    ": ",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "|\n",
    ">-\n",
    "|9\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "!x ",
    "%YAML 1.2\n",
    "null",
    "~",
    "true",
    "yes",
    "off",
    "-0",
    "1e999",
    ".inf",
    ".nan",
    "0x7fffffffffffffff",
    "9223372036854775808",
    "-9223372036854775809",
    "1_000",
    "0o777",
    "007",
    "2001-01-01",
    "é",
    "😀",
    "../../etc/passwd",
    "/dev/zero",
    "$(id)",
    "`id`",
    "</details>",
    "<script>",
    "${HOST}",
    "\n::error::x",
    "\\n::stop-commands::x",
    "\\r::error::x",
    "arn:aws:elasticloadbalancing:::",
    "*.*",
];

/// Breaks a text a little, in some places.
pub(crate) fn text(dice: &mut Dice, whole: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(12)).min(bytes.len());
        match dice.below(10) {
            0 | 1 => drop(bytes.splice(at..at, dice.one::<&str>(PIECES).bytes())),
            2 | 3 => drop(bytes.splice(at..end, dice.one::<&str>(PIECES).bytes())),
            4 => drop(bytes.drain(at..end)),
            5 => drop(bytes.splice(at..end, [dice.next() as u8])),
            6 => lines(dice, &mut bytes),
            7 => {
                let copy: Vec<u8> = bytes[at..end].repeat(1 + dice.below(200));
                bytes.splice(at..at, copy);
            }
            8 => {
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(200)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => scalar(dice, &mut bytes),
        }
    }
    bytes
}

/// Moves, doubles, drops or shifts a line.
fn lines(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
    match dice.below(4) {
        0 => lines.swap(a, b),
        1 => lines.insert(b, lines[a].clone()),
        2 => drop(lines.remove(a)),
        _ => drop(lines[a].splice(0..0, *b"  ")),
    }
    *bytes = lines.join(&b'\n');
}

/// Puts another value behind a key.
fn scalar(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let colons: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i..].starts_with(b": ")).collect();
    if colons.is_empty() {
        return;
    }
    let from = dice.one(&colons) + 2;
    let to =
        bytes[from..].iter().position(|b| b"\n,}".contains(b)).map_or(bytes.len(), |n| from + n);
    bytes.splice(from..to, dice.one::<&str>(PIECES).bytes());
}

/// Breaks a JSON document in some of its values, and sometimes its text as well.
pub(crate) fn document(dice: &mut Dice, whole: &[u8], other: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(whole) else {
        return text(dice, whole, other);
    };
    for _ in 0..=dice.below(3) {
        let mut paths = Vec::new();
        walk(&value, String::new(), &mut paths);
        let path: String = dice.one::<String>(&paths).clone();
        let donor = value.pointer(dice.one::<String>(&paths).as_str()).cloned().unwrap_or_default();
        if let Some(place) = value.pointer_mut(&path) {
            *place = strange(dice, place, donor);
        }
    }
    // The keys stand in the order in which ingc writes them: a saved plan is known by its first.
    let whole = serde_json::to_vec(&value).unwrap_or_default();
    if dice.hits(8) { text(dice, &whole, other) } else { whole }
}

fn walk(value: &Value, path: String, paths: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, it)| walk(it, format!("{path}/{}", escaped(key)), paths));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, it)| walk(it, format!("{path}/{i}"), paths));
        }
        _ => {}
    }
    paths.push(path);
}

/// Something in the place of a value.
fn strange(dice: &mut Dice, value: &Value, donor: Value) -> Value {
    match (dice.below(12), value) {
        (0, _) => Value::Null,
        (1, _) => json!([]),
        (2, _) => json!({}),
        (3, _) => donor,
        (4, _) => json!(i64::MAX),
        (5, _) => json!(-1),
        (6, _) => json!(1e300),
        (7, _) => json!("x".repeat(10_000)),
        (8, Value::Object(fields)) => {
            let kept = dice.below(fields.len());
            let fields = fields.iter().enumerate().filter(|(i, _)| *i != kept);
            Value::Object(fields.map(|(_, (key, it))| (key.clone(), it.clone())).collect())
        }
        (9, Value::Object(fields)) => {
            let renamed = |key: &String| format!("{key}{}", dice_piece(key));
            let fields: Map<String, Value> =
                fields.iter().map(|(key, it)| (renamed(key), it.clone())).collect();
            Value::Object(fields)
        }
        (8 | 9, Value::Array(items)) => Value::Array([items.clone(), items.clone()].concat()),
        (_, Value::String(text)) => {
            let mut bytes = text.clone().into_bytes();
            let at = dice.below(bytes.len() + 1);
            bytes.splice(at..at, dice.one::<&str>(PIECES).bytes());
            Value::String(String::from_utf8_lossy(&bytes).into_owned())
        }
        (_, Value::Number(number)) => json!(number.as_i64().unwrap_or(0).wrapping_add(1)),
        (_, Value::Bool(yes)) => json!(!yes),
        _ => json!(*dice.one::<&str>(PIECES)),
    }
}

fn dice_piece(key: &str) -> &'static str {
    PIECES[key.len() % PIECES.len()]
}
