//! ING12xx: files and flags of a run.

super::declare! {
    UNREADABLE = "ING1201", "a file or folder cannot be read",
        "A file or folder that was named, or that lies in a folder that was named, cannot be read. Nothing is planned: what it holds is unknown, and absence must not be taken for deletion.";
    NO_INVENTORY = "ING1202", "there is no inventory",
        "Subnets, certificates and named security groups are looked up in the inventory, a file that is committed beside the manifests, so that compiling needs no credentials. Without one the account counts as empty, and most load balancers find no subnets.";
    NOT_BUILT = "ING1203", "a setting or flag is not built yet",
        "This version of ingc knows what is meant, but cannot do it. It is refused, since leaving it out would do something else.";
    UNKNOWN_NAME = "ING1204", "there is no such name",
        "The code, annotation, resource, stack or past state that the command line names does not exist. `ingc explain` lists the codes, `ingc annotations` the annotations, `ingc state list` the recorded resources, `ingc rollback --list` the past states.";
    UNWRITABLE = "ING1205", "a file cannot be written",
        "The message says what the operating system objected to. Nothing else was changed.";
    NOBODY_ASKED = "ING1206", "a question cannot be asked",
        "`apply` and `destroy` ask before they change anything. Without a terminal nobody can answer: look at the plan first, and give `--auto-approve`, or save the plan with `ingc plan --out FILE` and apply that file.";
    BAD_PLAN = "ING1208", "a saved plan cannot be used",
        "A plan is a file that `ingc plan --out FILE` wrote. It is carried out exactly or not at all.";
    GUARDED = "ING1209", "the plan does what needs a flag",
        "Deleting a load balancer, or more than half of a stack, needs `--allow-delete`; steps during which a request may go unanswered need `--allow-gap`. Look at the plan, and say so if it is what you want.";
    OUT_OF_DATE = "ING1210", "review files are out of date",
        "`ingc compile --check DIR` compares the manifests with the files that `ingc compile --write DIR` made. Write them again and commit them with the manifests.";
    BAD_FLAGS = "ING1211", "flags do not go together",
        "One of the flags has no meaning beside the other. `--help` of the command says what each does.";
    BAD_TEMPLATE = "ING1220", "a template cannot be used",
        "`--template FILE` names a minijinja template for `--output markdown`. `ingc template` prints the built-in one, which uses every value that there is.";
    BAD_SNAPSHOT = "ING1221", "a snapshot cannot be used",
        "A snapshot is what `ingc refresh --out FILE` wrote: what AWS has of the recorded resources. It stands for the account in `ingc plan --snapshot FILE`, which then needs no credentials. It must be of the same cluster, account and region as the state.";
}
