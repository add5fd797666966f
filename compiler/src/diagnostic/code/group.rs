//! ING05xx: classes and groups.

super::declare! {
    UNKNOWN_CLASS = "ING0501", "an Ingress names an IngressClass that does not exist",
        "The controller skips the Ingress until the IngressClass is there. Give the manifest of the IngressClass too, or correct `spec.ingressClassName`. What earlier runs made for the Ingress stays as it is.";
    TWO_DEFAULT_CLASSES = "ING0502", "two IngressClasses are the default",
        "An Ingress without a class takes the default IngressClass. With two of them the controller stops at that Ingress and builds none of the groups of the cluster. Remove the annotation `ingressclass.kubernetes.io/is-default-class` from one, or name a class in the Ingress.";
    UNKNOWN_PARAMETERS = "ING0503", "an IngressClass refers to parameters that do not exist",
        "`spec.parameters` of an IngressClass of the controller must lead to an IngressClassParams object of the API group `elbv2.k8s.aws`. The controller skips the Ingresses of the class until it does.";
    NAMESPACE_NOT_SELECTED = "ING0504", "a namespace may not use an IngressClass",
        "`namespaceSelector` of the IngressClassParams selects by the labels of the Ingress's Namespace. Label the Namespace, or use another class.";
    UNKNOWN_NAMESPACE = "ING0505", "the labels of a Namespace are not known",
        "A `namespaceSelector` can only be judged by the Namespace's labels. Give the manifest of the Namespace, or put its labels into the inventory under `cluster.namespaces`.";
    BAD_SELECTOR = "ING0506", "a namespaceSelector cannot be read",
        "Operators are `In`, `NotIn`, `Exists` and `DoesNotExist`; the first two need values, the others take none.";
    BAD_GROUP_NAME = "ING0507", "a group's name is not allowed",
        "A group's name has at most 63 lower case letters, digits, `-` and `.`, with a letter or digit at both ends. The controller takes the Ingress out of its group until the name is right.";
    BAD_GROUP_ORDER = "ING0508", "a group.order is not allowed",
        "`group.order` is a whole number from -1000 to 1000. One bad value refuses the whole group.";
    CLASS_ANNOTATION_DISABLED = "ING0509", "kubernetes.io/ingress.class is switched off",
        "The settings have `disableIngressClassAnnotation`, so the controller's webhook refuses a new Ingress with the annotation. Use `spec.ingressClassName`.";
    GROUP_ANNOTATION_DISABLED = "ING0510", "the annotation group.name is switched off",
        "The settings have `disableIngressGroupNameAnnotation`, so the controller's webhook refuses a new Ingress with the annotation. Name the group in `spec.group` of IngressClassParams.";
    DELETION_PROTECTED = "ING0511", "an Ingress with deletion protection is being deleted",
        "The controller refuses the group while a member that is being deleted asks for `deletion_protection.enabled=true`. Set it to `false` there first.";
    BAD_CLASS_CIDR = "ING0512", "a CIDR block of an IngressClassParams is not allowed",
        "The controller's webhook refuses `inboundCIDRs` that are no CIDR blocks or have bits set behind the prefix.";
    BAD_CLASS_SUBNETS = "ING0513", "the subnets of an IngressClassParams are not allowed",
        "`subnets` has either `ids` or `tags`, with at least one entry and none of them twice. The controller's webhook refuses anything else.";
    REFUSED_OBJECT = "ING0514", "an object that an Ingress refers to has errors",
        "The API server would refuse the object, so what it was before still holds in the cluster. Nothing of the group changes until it is correct.";
    NO_CLASS = "ING0515", "an Ingress with annotations of the controller names no class",
        "Without `spec.ingressClassName`, and without a default IngressClass, an Ingress is nobody's: the controller passes it over, whatever its `alb.ingress.kubernetes.io` annotations say. If it had a class before, what was made for it is deleted.";
}
