//! ING01xx: Kubernetes objects.

super::declare! {
    PASSED_OVER = "ING0101", "a document is no Kubernetes object",
        "An object has `apiVersion` and `kind`. A document with neither, such as a values file of Helm that lies among the manifests, is passed over.";
    NO_KIND = "ING0102", "an object lacks its kind or its apiVersion",
        "Both are needed to tell what an object is: `apiVersion: networking.k8s.io/v1` and `kind: Ingress`.";
    OLD_VERSION = "ING0103", "an object is of a version that is not served",
        "Kubernetes 1.22 and later serve `networking.k8s.io/v1` only. `kubectl convert -f FILE --output-version networking.k8s.io/v1` rewrites an old Ingress: a backend becomes `service.name` and `service.port`, and every path has a `pathType`.";
    UNKNOWN_KIND = "ING0104", "a kind is not known",
        "The API group has no such kind, and the name is close to one that it has. The API server refuses the object.";
    UNKNOWN_FIELD = "ING0105", "a field is not known",
        "Kubernetes has no field of that name there. Names are case-sensitive. `kubectl apply` refuses the object by default, and without its validation the field is dropped.";
    WRONG_TYPE = "ING0106", "a value is of the wrong type",
        "The API server refuses the object. A number or boolean that shall be a string stands in quotes, and a number that shall be one stands without.";
    MISSING_FIELD = "ING0107", "a field is missing",
        "The API server refuses an object without it.";
    NOT_A_STRING = "ING0108", "the value of an annotation or label is not a string",
        "Annotations and labels hold strings only. YAML reads `true`, `443`, `1.20`, `on` and an empty value as something else, and the API server refuses the object. Put the value in quotes.";
    BAD_NAME = "ING0109", "a name is not allowed",
        "Names of objects are lower case letters, digits, `-` and `.`, with a letter or digit at both ends of every part, and at most 253 characters. Namespaces and Services have no dots and at most 63.";
    GIVEN_TWICE = "ING0110", "an object is given twice",
        "Two documents have the same kind, namespace and name. The later one counts, by the order of the files and then of the documents.";
    BAD_HOST = "ING0111", "a host is not allowed",
        "A host is a DNS name in lower case without port or scheme, and no IP address. `*` may stand for its first part only, as in `*.example.com`.";
    BAD_PATH = "ING0112", "a path or its pathType is not allowed",
        "`pathType` is `Exact`, `Prefix` or `ImplementationSpecific`. A path starts with `/`; for the first two it has none of `//`, `/./`, `/../` and `%2f`.";
    BAD_BACKEND = "ING0113", "a backend is not allowed",
        "A backend names a Service with a port, by its `name` or by its `number`, never both. For an action of an annotation the Service's name is the action's and the port's name is `use-annotation`.";
    EMPTY_INGRESS = "ING0114", "an Ingress has neither rules nor a default backend",
        "The API server refuses an Ingress without `spec.rules` and `spec.defaultBackend`.";
    BAD_LABEL = "ING0115", "a label or an annotation's name is not allowed",
        "A key is a name of at most 63 letters, digits, `-`, `_` and `.`, perhaps with a DNS name and `/` before it. A label's value is of the same letters, or empty.";
    BAD_SERVICE = "ING0116", "a Service is not allowed",
        "The API server refuses the Service: types are ClusterIP, NodePort, LoadBalancer and ExternalName, protocols are TCP, UDP and SCTP.";
    BAD_SECRET = "ING0117", "a Secret's data is not base64",
        "Values under `data` are base64 of the bytes. Plain text stands under `stringData`. ingc never prints the values.";
    TWO_PREFIX_LISTS = "ING0118", "prefix lists are given in both spellings",
        "`prefixListsIDs` and the older `PrefixListsIDs` may not stand in one IngressClassParams.";
    REFUSED_CLASS = "ING0119", "the class of an Ingress has errors",
        "What an IngressClass or its IngressClassParams say counts for all Ingresses of the class. While one of them has errors, nothing of these Ingresses changes.";
    TWO_CLASSES = "ING0120", "an Ingress names its class twice",
        "The controller follows the annotation `kubernetes.io/ingress.class` and passes `spec.ingressClassName` over. The API server refuses a new Ingress with both.";
}
