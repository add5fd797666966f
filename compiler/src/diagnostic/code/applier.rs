//! ING11xx: state files, the sandbox, and carrying plans out.

super::declare! {
    STATE_FILE = "ING1101", "the state cannot be read or written",
        "The state is one JSON file, written as a whole beside the old one and then put in its place, so that a run that is killed leaves the old or the new one. The message says what the operating system or the reader objected to. `<file>.backup` is the state before the last run that changed it, and `ingc rollback --list` lists the past states of each stack.";
    LOCKED = "ING1102", "another run holds the state or the sandbox",
        "Two runs that change the same resources would overwrite each other's record of them. The lock goes with the process that holds it, also when that one is killed: wait for it, or end it. On S3 every stack has a lock of its own, which stays when a run is killed: `ingc state unlock ID` takes it away.";
    OTHER_STATE = "ING1103", "the state is another cluster's, account's or region's",
        "A state serves one cluster in one account and region; a sandbox is an account of its own. Applying a plan of one to another would create everything twice and delete what is not there.";
    STALE_PLAN = "ING1104", "the plan no longer fits the state",
        "A saved plan is carried out exactly or not at all. Something was applied since it was made, or somebody else has changed what it touches, so that what it says about before is no longer true. All of it is looked at before the first call, and each object again just before it is touched; what has moved is left alone. Plan again and look at the new plan.";
    SANDBOX_FILE = "ING1105", "the sandbox file cannot be used",
        "`--sandbox FILE` keeps a simulated AWS account in a file, which is made from the inventory if it is missing. The file is of another account than the inventory, of a later ingc, or unreadable. Give another file, or delete it and start with a fresh account.";
    REFUSED = "ING1106", "AWS has refused a call",
        "The call was made as planned and AWS said no. What was done before it is recorded, and running the same command again continues from there.";
    UNANSWERED = "ING1107", "AWS has not answered a call",
        "The call may have taken effect or not. Running the same command again finds out: what was created is found by its name and its tags, and nothing is created twice.";
    MISSING_DEPENDENCY = "ING1108", "something that is needed does not exist",
        "A resource refers to another one that the state does not have, mostly because that one could not be created in the same run. Its own error says why.";
    SECRET = "ING1109", "a secret is missing or is not the planned one",
        "Plans and states hold salted hashes in the place of secrets. The value is read again when the plan is carried out, and must be the planned one.";
    NOT_OURS = "ING1110", "an object of that name exists and is not ours",
        "The name is taken in this account by an object that does not carry the tags of this resource. ingc never changes what is not its own. Rename one of the two, or delete the other one if nobody needs it.";
    WAF_CLASSIC = "ING1111", "WAF Classic has ended",
        "AWS has ended WAF Classic on 2025-09-30; a web ACL of it can no longer be associated. Use a WAFv2 web ACL with `alb.ingress.kubernetes.io/wafv2-acl-arn`.";
    TIMED_OUT = "ING1112", "something did not become ready in time",
        "What was created is recorded. Running the same command again waits for it again.";
    NOT_DONE = "ING1113", "a step was left out",
        "The run was interrupted, or a step that this one needs has failed. Nothing of it was done; running the same command again does it.";
    NO_AWS = "ING1114", "AWS cannot be called",
        "Credentials, region and endpoints are found as every AWS SDK finds them: environment variables, profiles, a web identity, a container's or an instance's role. The message says what was missing, or what AWS objected to. Nothing was done.";
    WHICH_VPC = "ING1115", "the cluster's VPC is not known",
        "An inventory lists the subnets and security groups of one VPC. It is the one that settings name as `vpcId`, else the one whose subnets carry the cluster's tag.";
    UNRECORDED = "ING1116", "AWS has a stack that the state does not know",
        "Resources carry the tags of this cluster and this stack, and the state has no record of them: another state is in use, a state was lost, or the controller has made them. `ingc import` takes them into the state as they are; after that a plan shows what differs.";
    STATE_EDIT = "ING1117", "the state cannot be edited like that",
        "`ingc state rm` and `ingc state mv` change what is recorded and nothing else. What other entries depend on cannot be forgotten without them, and a resource keeps its kind and its stack: its tags in AWS name the stack.";
    NO_ISSUER = "ING1118", "the issuer of the cluster's tokens is not known",
        "Pods take a role with tokens that the cluster signs, and IAM knows the cluster by its issuer. `ingc bootstrap` takes it from `ingc.bootstrap.issuer`, else asks EKS (`eks:DescribeCluster`), for which the cluster must exist under the name that settings say, in their region.";
    NOT_PERMITTED = "ING1119", "the caller may not do what the plan needs",
        "With `--check-permissions` IAM is asked (`iam:SimulatePrincipalPolicy`) whether the policies of whoever calls allow every action of the plan, before the first change. The message names the action and what it is for. `ingc iam policy PLAN` prints the policy that is needed.";
}
