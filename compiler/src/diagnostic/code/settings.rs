//! ING02xx: settings, which are the values of the controller's Helm chart and ingc's own.

super::declare! {
    UNKNOWN_KEY = "ING0201", "a key of the settings is not known",
        "Settings have the keys of the Helm chart `aws-load-balancer-controller` and those of ingc under `ingc`. Helm passes an unknown key over without a word, and so does ingc but for this warning.";
    WRONG_TYPE = "ING0202", "a setting is of the wrong type",
        "The chart drops a boolean in quotes without a word and breaks on other values of a wrong type. Correct it here and where the controller is installed from.";
    MISSING = "ING0203", "a setting lacks a part",
        "The setting needs it to have a meaning.";
    NO_CLUSTER = "ING0204", "the name of the cluster is not known",
        "The cluster's name goes into the names and tags of all resources, so that nothing can be compiled without it. It is the chart's `clusterName`: point `--values` at the file that the controller was installed with, write it into `ingc.yaml`, or give `--cluster-name`.";
    NOT_STARTED = "ING0205", "the controller does not start with a setting",
        "The controller checks its settings when it starts and stops at this one. With a rolling update the old controller goes on with the old settings.";
    UNKNOWN_GATE = "ING0206", "a feature gate is not known",
        "The controller does not start with a feature gate that it does not know. Names are case-sensitive.";
    TEMPLATE = "ING0207", "a setting is a template",
        "The chart evaluates `{{ … }}` in `clusterName`, `region` and `vpcId` with all values of the installation, which ingc does not have. Give the value itself in `ingc.yaml` or by a flag.";
    HELM_NUMBER = "ING0208", "Helm changes how a number is written",
        "Helm reads numbers as floating point and writes 1000000 as 1e+06 and 1.10 as 1.1; `yes` becomes true. The tag has that text. Put the value in quotes where the text as it stands is meant.";
    UNKNOWN_CODE = "ING0209", "a code is not known",
        "`ingc.codes` names codes of findings, such as ING0105. `ingc explain CODE` tells what one means.";
    TWO_SOURCES = "ING0210", "a Secret has no single source",
        "A Secret that is not in Git comes from one file or from one variable: `{file: PATH}` or `{env: NAME}`.";
    BOOTSTRAP = "ING0211", "a setting of `ingc.bootstrap` cannot be used",
        "`ingc bootstrap` makes what the cluster and CI need of IAM: an issuer of tokens, policies, roles. A mistake here would make something that nobody can take, or that everybody can. Nothing was asked of AWS.";
    POLICY_LACKS = "ING0212", "a policy of somebody else allows too little",
        "The account has a policy of the controller's name that this cluster's ingc has not made. It is used as it is, since others may use it too, and allows less than this version of the controller needs. Have it brought up to date by whoever owns it, or give `ingc.bootstrap.policy` a name of your own.";
}
