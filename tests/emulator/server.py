"""An emulated AWS on a loopback port: moto with what it lacks, one account per test, faults on
request, and a list of all calls.

    python server.py PORT

Ends when its standard input closes, so that it never outlives the tests that started it.

The access key `AKIA` + account + `TEST` belongs to that account; with `ELSE` at its end, to
somebody else in it, whose calls are not listed and never fail. Below `/moto-api/emulator/`, all as
JSON: POST account makes what a cluster finds in its account, POST call calls AWS as somebody else,
POST faults makes calls fail, GET calls?account=… lists calls, DELETE faults?account=… forgets faults.
"""

import json
import os
import re
import sys
import threading
import time

os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"

import boto3
import gaps  # noqa: F401
import gaps_iam  # noqa: F401
import inventory
from moto.core.responses import BaseResponse
from moto.moto_api._internal import urls
from moto.s3.responses import S3Response
from moto.server import main

LOCK = threading.Lock()
FAULTS = []
CALLS = []


def account_of_key(key):
    match = re.fullmatch(r"AKIA(\d{12})(TEST|ELSE)", key or "")
    return match and match.group(1)


find_account = BaseResponse.get_current_account


def current_account(self):
    return account_of_key(self.get_access_key()) or find_account(self)


BaseResponse.get_current_account = current_account


def hit(account, service, action):
    """Notes a call, and tells the fault that it meets."""
    with LOCK:
        CALLS.append({"account": account, "service": service, "action": action})
        for fault in FAULTS:
            if fault["account"] != account or fault.get("action") not in (action, "*"):
                continue
            if fault.get("changes") and action.startswith(("Describe", "Get", "List")):
                continue
            if fault.get("skip", 0) > 0:
                fault["skip"] -= 1
                continue
            if fault.get("times", 1) > 0:
                fault["times"] = fault.get("times", 1) - 1
                return dict(fault)
    return None


def refusal(request, fault):
    """A refusal in the words of the request's protocol; without a code an answer that says nothing."""
    status, code = fault.get("status", 500), fault.get("code")
    message = fault.get("message", "made for a test")
    if not code:
        return status, {"Content-Type": "text/html"}, "<html>lost</html>"
    if request.service_name == "eks" or "x-amz-target" in {name.lower() for name in request.headers.keys()}:
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
        return status, headers, json.dumps({"__type": code, "message": message})
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if request.service_name == "ec2":
        text = f"<Response><Errors>{error}</Errors><RequestID>x</RequestID></Response>"
    elif request.service_name == "s3":
        text = error
    else:
        text = f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>"
    return status, {"Content-Type": "text/xml"}, text


call_action = BaseResponse.call_action


def call_with_faults(self):
    service, action = self.service_name, self._get_action()
    if self.get_access_key().endswith("ELSE"):
        return call_action(self)
    fault = hit(self.current_account, service, action)
    if fault is None:
        return call_action(self)
    answer = call_action(self) if fault.get("after") else None
    if "hold" in fault:
        time.sleep(fault["hold"])
        return answer or call_action(self)
    return refusal(self, fault)


BaseResponse.call_action = call_with_faults


def s3_with_faults(handle):
    """S3 has no actions in its requests: its calls are named by method, such as `s3:PUT`."""

    def handler(self, request, full_url, headers):
        self.setup_class(request, full_url, headers)
        account = account_of_key(self.get_access_key()) or ""
        fault = hit(account, "s3", f"s3:{request.method}")
        if fault is None:
            return handle(self, request, full_url, headers)
        if fault.get("after"):
            handle(self, request, full_url, headers)
        return refusal(self, fault)

    return handler


S3Response.key_response = s3_with_faults(S3Response.key_response)


def make_account(given):
    """A VPC with three public and three private subnets, certificates, a web ACL, a trust store; or
    what a given inventory holds."""
    account, region = given["account"], given["region"]

    def client(service):
        return client_of({"service": service, "region": region, "account": account})

    if "inventory" in given:
        inventory.fill(account, region, given["inventory"], client)
        return {}
    cluster = given["cluster"]
    ec2, acm = client("ec2"), client("acm")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    subnets = {}
    for i, zone in enumerate("abc"):
        for j, (kind, role) in enumerate({"public": "elb", "private": "internal-elb"}.items()):
            tags = {
                "Name": f"{kind}-{zone}",
                f"kubernetes.io/role/{role}": "1",
                f"kubernetes.io/cluster/{cluster}": "shared",
            }
            subnet = ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{i + 10 * j}.0/24", AvailabilityZone=region + zone
            )["Subnet"]["SubnetId"]
            ec2.create_tags(
                Resources=[subnet], Tags=[{"Key": k, "Value": v} for k, v in tags.items()]
            )
            if kind == "public":
                ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            subnets[f"{kind}-{zone}"] = subnet
    group = ec2.create_security_group(GroupName="extra", Description="of others", VpcId=vpc)
    certificates = {
        name: acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
        for name in ("*.example.com", "shop.example.org")
    }
    acl = client("wafv2").create_web_acl(
        Name="shield-wall",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "none",
        },
    )["Summary"]["ARN"]
    client("shield").create_subscription()
    store = client("elbv2").create_trust_store(
        Name="clients", CaCertificatesBundleS3Bucket="b", CaCertificatesBundleS3Key="k"
    )["TrustStores"][0]["TrustStoreArn"]
    return {
        "vpcId": vpc,
        "subnets": subnets,
        "securityGroup": group["GroupId"],
        "certificates": certificates,
        "webAcl": acl,
        "trustStore": store,
    }


def answers(handle):
    def handler(request, full_url, headers):
        given = json.loads(request.data or b"{}")
        try:
            status, answer = 200, json.dumps(handle(request, given))
        except Exception as error:
            status, answer = 500, json.dumps(f"{type(error).__name__}: {error}")
        return status, {"Content-Type": "application/json"}, answer

    return handler


def client_of(given):
    return boto3.client(
        given["service"],
        endpoint_url=f"http://127.0.0.1:{PORT}",
        region_name=given["region"],
        aws_access_key_id=f"AKIA{given['account']}ELSE",
        aws_secret_access_key="secret",
    )


def call(_, given):
    """A call by somebody else."""
    answer = getattr(client_of(given), given["method"])(**given["params"])
    answer.pop("ResponseMetadata", None)
    return json.loads(json.dumps(answer, default=str))


def account(_, given):
    return make_account(given)


def fault(request, given):
    with LOCK:
        if request.method == "DELETE":
            FAULTS[:] = [it for it in FAULTS if it["account"] != request.args["account"]]
        else:
            FAULTS.append(given)
        return FAULTS


def calls(request, _):
    with LOCK:
        return [call for call in CALLS if call["account"] == request.args["account"]]


for name, handle in {
    "account": account,
    "call": call,
    "faults": fault,
    "calls": calls,
}.items():
    urls.url_paths[f"{{0}}/moto-api/emulator/{name}$"] = answers(handle)


def end_with_the_tests():
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    PORT = int(sys.argv[1])
    threading.Thread(target=end_with_the_tests, daemon=True).start()
    main(["-H", "127.0.0.1", "-p", str(PORT)])
