"""Fills an emulated account with what an inventory says that it holds, under the inventory's own ids."""

import threading
from contextlib import contextmanager

import yaml
from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends, security_groups, subnets, vpcs
from moto.elbv2.models import elbv2_backends
from moto.wafv2.models import wafv2_backends

ONE_AT_A_TIME = threading.Lock()


@contextmanager
def named(module, generator, wanted):
    """The next object that moto makes gets the id that is wanted."""
    own = getattr(module, generator)
    setattr(module, generator, lambda *_, **__: wanted)
    try:
        yield
    finally:
        setattr(module, generator, own)


def listed(tags):
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def fill(account, region, text, client):
    """`client` makes clients of services for the account."""
    # The loader that takes every scalar for the text that it is.
    inventory = yaml.load(text, Loader=yaml.BaseLoader)
    with ONE_AT_A_TIME:
        network(account, region, inventory, client)
        others(account, region, inventory, client)


def network(account, region, inventory, client):
    ec2, backend = client("ec2"), ec2_backends[account][region]
    vpc = inventory["vpc"]
    with named(vpcs, "random_vpc_id", vpc["vpcId"]):
        ec2.create_vpc(CidrBlock=vpc["cidrBlocks"][0])
    for block in vpc["cidrBlocks"][1:]:
        ec2.associate_vpc_cidr_block(VpcId=vpc["vpcId"], CidrBlock=block)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc["vpcId"])
    table = ec2.create_route_table(VpcId=vpc["vpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for subnet in inventory.get("subnets", []):
        if subnet.get("vpcId", vpc["vpcId"]) != vpc["vpcId"]:
            continue
        # moto knows no local zones: their subnets stand in an ordinary one.
        zone = subnet["availabilityZone"]
        if zone not in [region + letter for letter in "abcd"]:
            zone = region + "a"
        with named(subnets, "random_subnet_id", subnet["subnetId"]):
            ec2.create_subnet(
                VpcId=vpc["vpcId"], CidrBlock=subnet["cidrBlock"], AvailabilityZone=zone
            )
        if subnet.get("tags"):
            ec2.create_tags(Resources=[subnet["subnetId"]], Tags=listed(subnet["tags"]))
        if subnet.get("internetRoute") == "true":
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet["subnetId"])
    for group in inventory.get("securityGroups", []):
        name, vpc_id = group.get("groupName", group["groupId"]), vpc["vpcId"]
        with named(security_groups, "random_security_group_id", group["groupId"]):
            ec2.create_security_group(GroupName=name, Description="of others", VpcId=vpc_id)
        if group.get("tags"):
            ec2.create_tags(Resources=[group["groupId"]], Tags=listed(group["tags"]))
    for address in inventory.get("elasticIps", []):
        ec2.allocate_address(Domain="vpc")
        made = backend.addresses[-1]
        made.allocation_id, made.public_ip = address["allocationId"], address["publicIp"]


def others(account, region, inventory, client):
    acm, backend = client("acm"), acm_backends[account][region]
    for certificate in inventory.get("certificates", []):
        names = certificate.get("subjectAlternativeNames") or [certificate["domainName"]]
        made = acm.request_certificate(
            DomainName=certificate["domainName"], SubjectAlternativeNames=names
        )["CertificateArn"]
        bundle = backend._certificates.pop(made)
        bundle.arn = certificate["certificateArn"]
        bundle.status = certificate.get("status", "ISSUED")
        backend._certificates[bundle.arn] = bundle
    waf = wafv2_backends[account][region]
    for acl in inventory.get("webAcls", []):
        made = client("wafv2").create_web_acl(
            Name=acl["name"],
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig={
                "SampledRequestsEnabled": False,
                "CloudWatchMetricsEnabled": False,
                "MetricName": "none",
            },
        )["Summary"]["ARN"]
        web_acl = waf.wacls.pop(made)
        web_acl.arn = acl["arn"]
        waf.wacls[acl["arn"]] = web_acl
    elb, balancers = client("elbv2"), elbv2_backends[account][region]
    for group in inventory.get("targetGroups", []):
        made = elb.create_target_group(
            Name=group["targetGroupName"],
            Protocol="HTTP",
            Port=80,
            VpcId=inventory["vpc"]["vpcId"],
        )["TargetGroups"][0]["TargetGroupArn"]
        target_group = balancers.target_groups.pop(made)
        target_group.arn = group["targetGroupArn"]
        balancers.target_groups[target_group.arn] = target_group
    for store in inventory.get("trustStores", []):
        elb.create_trust_store(
            Name=store["name"], CaCertificatesBundleS3Bucket="b", CaCertificatesBundleS3Key="k"
        )
        balancers.tstores = {
            **{arn: it for arn, it in balancers.tstores.items() if it["Name"] != store["name"]},
            store["trustStoreArn"]: {
                "Name": store["name"],
                "TrustStoreArn": store["trustStoreArn"],
                "Status": "ACTIVE",
            },
        }
    client("shield").create_subscription()
