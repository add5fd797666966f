//! ING04xx: annotations and their values.

super::declare! {
    BAD_VALUE = "ING0401", "an annotation's value cannot be read",
        "The controller refuses the value, and with it the whole group. Annotation values are strings: numbers and booleans stand in quotes. `ingc annotations NAME` shows what is allowed.";
    BAD_MAP = "ING0402", "an annotation is not a list of key=value pairs",
        "Pairs are separated by commas; a comma within a value is written `\\,`. The controller refuses the whole annotation if one piece has no `=`.";
}
