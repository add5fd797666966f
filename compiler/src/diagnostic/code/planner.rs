//! ING10xx: planning changes.

super::declare! {
    EMPTY_INPUT = "ING1001", "no Ingress was given",
        "Manifests without any Ingress would mean to delete everything. That is hardly ever meant, and mostly a wrong path, a template that printed nothing, or a filter that left nothing over. To delete on purpose, use `ingc destroy`.";
    UNSEEN_MEMBERS = "ING1002", "a recorded Ingress of the group is not among the manifests",
        "The Ingresses of a group share one load balancer. Planning the group without some of them would take their rules away, although they may well stand in another repository. Give their manifests too, or say with `--prune` that they are gone. With an `ingc.yaml` and no PATH the whole scope is read, and what is absent from it is gone.";
    DELETION_PROTECTION = "ING1003", "deletion protection stands in the way",
        "The load balancer has `deletion_protection.enabled=true`, and so neither a deletion nor a replacement is planned. Two steps lift it: set the attribute to `false` in `alb.ingress.kubernetes.io/load-balancer-attributes` and apply; then make the change that deletes it.";
    PROTECTED = "ING1004", "`ingc.protect` stands in the way",
        "The configuration says that nothing may delete or replace this resource. Two steps lift it: take the pattern out of `ingc.protect` in `ingc.yaml`, and plan again.";
    FOREIGN_RULE = "ING1005", "a rule of somebody else holds a priority that is needed",
        "The listener has a rule that is neither recorded nor asked for, under a number that one of ours gets. Delete it, or give it a higher number.";
    NAME_KEPT = "ING1006", "a replacement needs another name",
        "The new object is made before the old one is deleted, and AWS lets no two of them have the same name. Change the name together with what forces the replacement, such as `alb.ingress.kubernetes.io/load-balancer-name`.";
    HELD_BY_CONTROLLER = "ING1007", "the controller still holds the Ingress",
        "An Ingress with a finalizer of the AWS Load Balancer Controller is reconciled by it: taking its load balancer over would make two masters of one. Scale the controller to zero or move the Ingress to a class of ingc's own, remove the finalizer, then import.";
    SHARED_TARGET_GROUP = "ING1008", "a target group that is not ours cannot serve two load balancers",
        "A load balancer is replaced by making the new one first, and a target group serves one load balancer only. One that is given by its ARN cannot be made twice. Take it out of the actions, apply, change the load balancer, apply, and put it back; or give another target group.";
    CYCLE = "ING1009", "changes wait for each other",
        "No order of the steps leaves every reference intact. This is a mistake of the planner: please report it with the manifests.";
    UNKNOWN_TARGET = "ING1010", "nothing has the address of a target",
        "`--target` takes a stack, or an address as plans and `ingc state list` show it.";
    INCOMPLETE_INPUT = "ING1011", "a text could not be read, and so nothing absent is deleted",
        "What seems to be gone may stand in the text that could not be read. Mend it and plan again.";
    NOT_PREPARED = "ING1012", "there is something to prepare before the cutover",
        "`apply --phase cutover` moves rules to target groups in which pods are registered already, so that no rule leads to an empty one. `apply --phase prepare` makes these target groups and their bindings and changes nothing that traffic feels. Apply the bindings to the cluster (`--manifests-out DIR` writes them), then cut over.";
    NOT_READY = "ING1013", "the controller would find something to change",
        "`ingc release` hands stacks over to the AWS Load Balancer Controller, which must find nothing to change in them. What stands in the way is something that ingc leaves alone and the controller does not, or something that is not done yet. The finding says what; the state keeps the stack until it is gone.";
    UNFINISHED = "ING1014", "an interrupted run may have left something that was not looked for",
        "A run that changed the stack has not come to its end: it was killed, its state could not be written, or AWS did not answer. What it made last may be in the account and not in the state. A plan that looks at AWS finds it by its tags and takes it up; one with `--no-refresh`, or without credentials, does not look, and what it says of the stack may be wrong. So `apply --no-refresh` leaves such a stack alone: run it once without `--no-refresh`.";
    FOREIGN_OBJECT = "ING1015", "the state leads to an object of another owner",
        "What is recorded as ours carries the tags of another cluster or another stack. Somebody has taken it over, or the state was edited or is not this cluster's. Nothing of the stack is changed, since an object whose tags are another's is never changed or deleted. Find out whose it is; if the record is wrong, forget it with `ingc state rm ADDRESS`, and `ingc import` takes up what is ours.";
    NAME_TAKEN = "ING1016", "two load balancers would have one name",
        "AWS lets no two load balancers of an account and region have the same name. What a plan makes stands before anything is deleted, and so a new load balancer cannot take the name of one that goes: give it another one with `alb.ingress.kubernetes.io/load-balancer-name`. Where an Ingress with a fixed name is renamed or moves to another group, that is the way without a gap. The other way has one: take the old Ingress away and apply, then add the new one and apply.";
}
