//! ING00xx: reading text as YAML or JSON.

super::declare! {
    SYNTAX = "ING0001", "text is not valid YAML",
        "The document could not be read. The position is where the reader gave up; the mistake is there or shortly before it. Other documents of the same file are still read.";
}
