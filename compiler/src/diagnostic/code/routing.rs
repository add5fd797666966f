//! ING13xx: questions about what answers a request, and files of expected answers.

super::declare! {
    BAD_URL = "ING1301", "a URL cannot be asked for",
        "A URL starts with `https://` or `http://` and names a host. It is sent as it stands: nothing is decoded, upper-cased or resolved, since the load balancer compares what a client sends.";
    NOTHING_TO_ASK = "ING1302", "there is no load balancer to ask",
        "No group was built of the manifests, nothing is recorded in the state, or no group has the name that `--group` gives.";
    UNKNOWN_FIELD = "ING1303", "a field of a routes file is not known",
        "A misspelt field would make a test pass that tests nothing, so it is refused. `ingc routes test --help` shows all fields.";
    WRONG_TYPE = "ING1304", "a value in a routes file has another type",
        "The message says what is wanted. Ports and statuses are numbers, headers a mapping of names to values.";
    MISSING = "ING1305", "a route test lacks a field",
        "A test has a `url` and says what is expected: `service`, `targetGroup`, `redirect`, `status` or `refused`, and `auth` beside them or alone.";
    BAD_EXPECTATION = "ING1306", "a route test cannot be fulfilled",
        "What the test expects contradicts itself, or is nothing that a load balancer can answer.";
    TAKEN_OVER = "ING1307", "another namespace's rule answers requests for a host",
        "A rule names a host, and a rule of an Ingress in another namespace that is tried before it answers some of its requests. Where teams share a host that may be agreed; otherwise `group.order` decides who is first. `ingc check` finds it, with a request that shows it.";
    CHANGES_NOTHING = "ING1308", "a rule changes nothing",
        "Every request that the rule answers would be answered in the same way without it, by later rules or the default action: that is proven for all requests, on all listeners of the Ingress. Rules are scarce: a load balancer has 100.";
}
