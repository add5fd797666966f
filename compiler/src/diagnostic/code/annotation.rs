//! ING04xx: annotations and their values.

super::declare! {
    BAD_VALUE = "ING0401", "an annotation's value cannot be read",
        "The controller refuses the value, and with it the whole group. Annotation values are strings: numbers and booleans stand in quotes. `ingc annotations NAME` shows what is allowed.";
    BAD_MAP = "ING0402", "an annotation is not a list of key=value pairs",
        "Pairs are separated by commas; a comma within a value is written `\\,`. The controller refuses the whole annotation if one piece has no `=`.";
    UNKNOWN = "ING0403", "an annotation is not known",
        "The name starts with `alb.ingress.kubernetes.io/` but the controller knows no such annotation and passes it over. `ingc annotations` lists all of them.";
    MISPLACED = "ING0404", "an annotation has no effect where it stands",
        "Some annotations are read on an Ingress only. On a Service the controller passes them over.";
    CONFLICT = "ING0405", "members of a group disagree",
        "The members of a group share one load balancer. Members that say something about it must say the same; a member that says nothing agrees with all.";
    WRONG_JSON_KIND = "ING0410", "a value of an annotation's JSON has the wrong kind",
        "The controller reads JSON strictly: a number is no string and a string no number. It refuses the whole group.";
    UNKNOWN_JSON_NAME = "ING0411", "a name in an annotation's JSON is unknown",
        "The controller passes unknown names over without a word, so a misspelt one has no effect. Upper and lower case are the same.";
    REPEATED_JSON_NAME = "ING0412", "a name stands twice in an annotation's JSON",
        "Of two values with one name the controller takes the later, and puts two objects together. Upper and lower case are the same.";
}
