//! ING00xx: reading text as YAML or JSON.

super::declare! {
    SYNTAX = "ING0001", "text is not valid YAML",
        "The document could not be read. The position is where the reader gave up; the mistake is there or shortly before it. Other documents of the same file are still read.";
    DUPLICATE_KEY = "ING0002", "a key stands twice in one mapping",
        "Kubernetes' readers keep the last one and drop the other without a word, and strict validation refuses both. The same holds for a merge key `<<` that would change a key before it: write `<<` first.";
    ALIAS = "ING0003", "an anchor or alias cannot be followed",
        "An alias `*name` needs an anchor `&name` before it in the same document, may not stand within the value that it repeats, and aliases may not multiply a document beyond all measure.";
    NESTING = "ING0004", "values are nested too deeply",
        "A thousand levels are read, which is more than any Kubernetes object has.";
    ENCODING = "ING0005", "a file is not plain UTF-8 text",
        "Manifests are read as UTF-8. Control characters, such as a NUL byte or the Ctrl-Z of old editors, are refused by Kubernetes as well.";
    SEPARATOR = "ING0006", "text stands behind a document separator",
        "On a line that starts with `---` only a comment may follow. Kubernetes refuses the whole file; here the other documents are still read.";
    TRAILING = "ING0007", "text behind the end of a document is ignored",
        "A line `...` ends a document. Kubernetes drops what follows it, up to the next `---`, without a word.";
    JSON = "ING0008", "text is not valid JSON",
        "Some annotations hold JSON. It is read as strictly as the controller does: double quotes, no comments, no comma before a closing bracket, nothing behind the value.";
    VALUE = "ING0009", "a value has no place in a Kubernetes object",
        "Objects become JSON: keys are strings, numbers are finite, and a tag such as `!!int` must fit its value.";
}
