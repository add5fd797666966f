//! ING03xx: the inventory.

super::declare! {
    UNKNOWN_KEY = "ING0301", "a key of the inventory is not known",
        "The inventory has AWS's own field names in camelCase. An unknown key has no effect.";
    WRONG_TYPE = "ING0302", "a value of the inventory is of the wrong type",
        "AWS's ids and tags are strings: numbers among them, such as an account id or a tag's `1`, stand in quotes.";
    MISSING = "ING0303", "an entry of the inventory lacks a part",
        "Without it the entry cannot be used for anything.";
    GIVEN_TWICE = "ING0304", "an entry of the inventory is given twice",
        "Ids and ARNs are unique in AWS.";
    BAD_VALUE = "ING0305", "a value of the inventory cannot be read",
        "The value is not one that AWS has for the field.";
}
