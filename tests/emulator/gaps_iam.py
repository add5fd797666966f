"""What moto leaves out of IAM and EKS, filled in as AWS behaves."""

import fnmatch
import hashlib
import json

from moto.core.responses import ActionResult, EmptyResult
from moto.eks.models import Cluster
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend, ManagedPolicy, OpenIDConnectProvider
from moto.iam.responses import IamResponse


def digits(text, count):
    return hashlib.sha256(text.encode()).hexdigest()[:count]


# An issuer whose authority AWS knows needs no thumbprint, and shows one all the same.
make_provider = OpenIDConnectProvider.__init__


def provider_with_thumbprint(self, account_id, region_name, url, thumbprint_list, *rest, **named):
    known = thumbprint_list or [digits(url, 40)]
    make_provider(self, account_id, region_name, url, known, *rest, **named)


OpenIDConnectProvider.__init__ = lambda self, **named: provider_with_thumbprint(
    self,
    named.pop("account_id"),
    named.pop("region_name"),
    named.pop("url"),
    named.pop("thumbprint_list"),
    **named,
)


def change_client_id(self, change):
    arn, client = self._get_param("OpenIDConnectProviderArn"), self._get_param("ClientID")
    ids = self.backend.get_open_id_connect_provider(arn).client_id_list
    change(ids, client)
    return EmptyResult()


def add(ids, client):
    if client not in ids:
        ids.append(client)


def remove(ids, client):
    if client in ids:
        ids.remove(client)


IamResponse.add_client_id_to_open_id_connect_provider = lambda self: change_client_id(self, add)
IamResponse.remove_client_id_from_open_id_connect_provider = lambda self: change_client_id(self, remove)

# Attaching what is attached changes nothing.
attach_to = ManagedPolicy.attach_to


def attach_once(self, other):
    if self.arn not in other.managed_policies:
        attach_to(self, other)


ManagedPolicy.attach_to = attach_once

# A policy that somebody has, or that has older versions, cannot be deleted.
delete_policy = IAMBackend.delete_policy


def delete_policy_that_is_free(self, policy_arn):
    policy = self.get_policy(policy_arn)
    if policy.attachment_count > 0:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions."
        )
    delete_policy(self, policy_arn)


IAMBackend.delete_policy = delete_policy_that_is_free

# The id of a cluster's issuer has 32 hexadecimal digits.
make_cluster = Cluster.__init__


def cluster_with_issuer(self, *args, **named):
    make_cluster(self, *args, **named)
    issuer = self.identity["oidc"]["issuer"].rsplit("/", 1)[0]
    self.identity["oidc"]["issuer"] = f"{issuer}/{digits(self.arn, 32).upper()}"
    self.resources_vpc_config.setdefault("vpcId", "vpc-0123456789abcdef0")


Cluster.__init__ = cluster_with_issuer

# SimulatePrincipalPolicy: what the policies of a role allow. Statements that deny, and principals
# other than roles, are left out.


def many(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, text):
    # Brackets have no meaning of their own in IAM's patterns.
    pattern = pattern.replace("[", "[[]")
    return fnmatch.fnmatchcase(text.lower(), pattern.lower())


def holds(condition, context):
    for operator, keys in condition.items():
        for key, values in keys.items():
            given = context.get(key)
            if operator == "Null":
                if (given is None) != (str(many(values)[0]).lower() == "true"):
                    return False
            elif operator in ("StringEquals", "StringLike"):
                if not any(matches(value, one) for value in many(values) for one in given or []):
                    return False
            else:
                raise NotImplementedError(operator)
    return True


def allows(statement, action, resource, context):
    return (
        statement["Effect"] == "Allow"
        and any(matches(pattern, action) for pattern in many(statement["Action"]))
        and any(matches(pattern, resource) for pattern in many(statement["Resource"]))
        and holds(statement.get("Condition", {}), context)
    )


def simulate_principal_policy(self):
    role = self.backend.get_role_by_arn(self._get_param("PolicySourceArn"))
    texts = [policy.document for policy in role.managed_policies.values()]
    texts += list(role.policies.values())
    statements = [it for text in texts for it in many(json.loads(text)["Statement"])]
    entries = self._get_param("ContextEntries") or []
    context = {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in entries}
    results = []
    for action in self._get_param("ActionNames"):
        for resource in self._get_param("ResourceArns") or ["*"]:
            may = any(allows(it, action, resource, context) for it in statements)
            decision = "allowed" if may else "implicitDeny"
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decision,
                }
            )
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


IamResponse.simulate_principal_policy = simulate_principal_policy
