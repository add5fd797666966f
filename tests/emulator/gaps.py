"""What moto leaves out of Elastic Load Balancing, EC2 and tagging, filled in as AWS behaves."""

import json
import re
from moto.core.responses import BaseResponse, ActionResult, EmptyResult
from moto.core.exceptions import ServiceException
from moto.elbv2 import models as M, responses as R
from moto.elbv2.models import ELBv2Backend as B, FakeAction, FakeListener, FakeRule
from moto.elbv2.exceptions import (
    ELBClientError as E,
    DuplicateLoadBalancerName,
    DuplicateListenerError,
    ResourceInUseError,
    PriorityInUseError,
    LoadBalancerNotFoundError,
    RuleNotFoundError,
)
from moto.moto_api._internal import mock_random

RR = R.ELBV2Response
# ---- rules: RegexValues, jwt-validation, Transforms, priorities, redirect defaults, client secrets
orig_vc = B._validate_conditions
CFG = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
}


def validate_conditions(self, conditions):
    n = 0
    for c in conditions:
        cfg = c.get(CFG.get(c.get("Field"), ""), {}) or {}
        for k in (
            "HostHeaderConfig",
            "PathPatternConfig",
            "HttpHeaderConfig",
            "HttpRequestMethodConfig",
            "QueryStringConfig",
            "SourceIpConfig",
        ):
            n += len((c.get(k) or {}).get("Values", [])) + len(
                (c.get(k) or {}).get("RegexValues", [])
            )
        if not any(k.endswith("Config") for k in c):
            n += len(c.get("Values", [])) + len(c.get("RegexValues", []))
        if cfg.get("RegexValues") or c.get("RegexValues"):
            continue
        orig_vc(self, [c])
        if c["Field"] in ("host-header", "path-pattern"):  # AWS mirrors both forms
            v = cfg.get("Values") or c.get("Values")
            c[CFG[c["Field"]]] = {"Values": v}
            c["Values"] = v
    if n > 5:
        raise E("ValidationError", "Condition values per rule: the limit is 5")


B._validate_conditions = validate_conditions
orig_va = B._validate_actions


def validate_actions(self, actions):
    for a in actions:
        if a.type == "redirect" and "RedirectConfig" in a.data:
            for k, v in (
                ("Protocol", "#{protocol}"),
                ("Port", "#{port}"),
                ("Host", "#{host}"),
                ("Path", "/#{path}"),
                ("Query", "#{query}"),
            ):
                a.data["RedirectConfig"].setdefault(k, v)
        if a.type == "forward" and "TargetGroupArn" in a.data and "ForwardConfig" not in a.data:
            a.data["ForwardConfig"] = {
                "TargetGroups": [{"TargetGroupArn": a.data["TargetGroupArn"], "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": False},
            }
        if a.type == "authenticate-oidc":
            a.data["AuthenticateOidcConfig"].pop("ClientSecret", None)
            a.data["AuthenticateOidcConfig"].pop("UseExistingClientSecret", None)
        a.__dict__.update(a.data)
    orig_va(self, [a for a in actions if a.type != "jwt-validation"])


B._validate_actions = validate_actions
orig_cr = RR.create_rule


def create_rule(self):
    p = self._get_params()
    if not 1 <= int(p["Priority"]) <= 50000:
        raise E(
            "ValidationError",
            f"1 validation error detected: Value '{p['Priority']}' at 'priority' failed to satisfy constraint: Member must be in [1, 50000]",
        )
    l = self.elbv2_backend.describe_listeners(None, [p["ListenerArn"]])
    if (
        l
        and sum(
            len(x._non_default_rules)
            for x in self.elbv2_backend.load_balancers[l[0].load_balancer_arn].listeners.values()
        )
        >= 100
    ):
        raise E("TooManyRules", "The maximum number of rules on the load balancer has been reached")
    r = orig_cr(self)
    r._result["Rules"][0].transforms = p.get("Transforms", [])
    return r


RR.create_rule = create_rule
orig_mr = B.modify_rule


def modify_rule(self):
    p = self._get_params()
    rule = self.elbv2_backend.describe_rules(listener_arn=None, rule_arns=[p["RuleArn"]])[0]
    if "Conditions" in p or "Actions" in p:
        self.elbv2_backend.modify_rule(
            rule_arn=p["RuleArn"], conditions=p.get("Conditions", []), actions=p.get("Actions", [])
        )
    if "Transforms" in p:
        rule.transforms = p["Transforms"]
    if str(p.get("ResetTransforms", "")).lower() == "true":
        rule.transforms = []
    return ActionResult({"Rules": [rule]})


RR.modify_rule = modify_rule


def rules_sorted(self):
    return dict(
        sorted(self._non_default_rules.items(), key=lambda kv: int(kv[1].priority))
        + [(r.arn, r) for r in self._default_rule.values()]
    )


FakeListener.rules = property(rules_sorted)
orig_fr = FakeRule.__init__


def fr_init(self, *a, **k):
    orig_fr(self, *a, **k)
    if self.is_default:
        self.arn = (
            self.listener_arn.replace(":listener/", ":listener-rule/")
            + "/"
            + mock_random.get_random_hex(16)
        )


FakeRule.__init__ = fr_init


def set_prio(self, rps):
    want = {x["RuleArn"]: x["Priority"] for x in rps}
    for arn, pr in want.items():
        rule = self.describe_rules(None, [arn])[0]
        l = self.describe_listeners(None, [rule.listener_arn])[0]
        if any(r.priority == pr and r.arn not in want for r in l.rules.values()):
            raise PriorityInUseError()
    out = []
    for arn, pr in want.items():
        r = self.describe_rules(None, [arn])[0]
        r.priority = pr
        out.append(r)
    return out


B.set_rule_priorities = set_prio


def delete_rule(self, arn):
    r = self.describe_rules(None, [arn])[0]
    if r.is_default:
        raise E("OperationNotPermitted", "Default rule '%s' cannot be deleted" % arn)
    self.describe_listeners(None, [r.listener_arn])[0].remove_rule(arn)


B.delete_rule = delete_rule
# ---- load balancers
orig_clb = B.create_load_balancer


def create_lb(
    self,
    name,
    security_groups,
    subnet_ids,
    subnet_mappings=None,
    scheme=None,
    loadbalancer_type=None,
    ip_address_type="ipv4",
    tags=None,
):
    if not re.fullmatch(r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?", name or ""):
        raise E("ValidationError", f"The load balancer name '{name}' is not valid")
    scheme = scheme or "internet-facing"
    ids = list(subnet_ids) + [m["SubnetId"] for m in subnet_mappings or []]
    for lb in self.load_balancers.values():
        if lb.name == name:
            if (
                lb.scheme == scheme
                and {s.id for s in lb.subnets} == set(ids)
                and lb.ip_address_type == ip_address_type
            ):
                return lb
            raise DuplicateLoadBalancerName()
    if loadbalancer_type in (None, "application") and 0 < len(ids) < 2:
        raise E(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        )
    for g in security_groups:
        if self.ec2_backend.get_security_group_from_id(g) is None:
            raise E("InvalidSecurityGroup", f"Security group '{g}' does not exist")
    dw = ip_address_type == "dualstack-without-public-ipv4"
    lb = orig_clb(
        self,
        name,
        security_groups,
        subnet_ids,
        subnet_mappings,
        scheme,
        loadbalancer_type,
        "dualstack" if dw else ip_address_type,
        tags,
    )
    if dw:
        lb.ip_address_type = ip_address_type
    if not lb.security_groups and lb.type == "application":
        lb.security_groups = [
            g.id
            for g in self.ec2_backend.describe_security_groups(
                filters={"vpc-id": [lb.vpc_id], "group-name": ["default"]}
            )
        ]
    lb.mappings = {it["SubnetId"]: it for it in subnet_mappings or []}
    lb.attrs = {
        "access_logs.s3.enabled": "false",
        "access_logs.s3.bucket": "",
        "access_logs.s3.prefix": "",
        "idle_timeout.timeout_seconds": "60",
        "deletion_protection.enabled": "false",
        "routing.http2.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "waf.fail_open.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.prefix": "",
        "health_check_logs.s3.enabled": "false",
        "health_check_logs.s3.bucket": "",
        "health_check_logs.s3.prefix": "",
        "client_keep_alive.seconds": "3600",
        "zonal_shift.config.enabled": "false",
    }
    if lb.type == "network":
        lb.attrs = {
            "access_logs.s3.enabled": "false",
            "access_logs.s3.bucket": "",
            "access_logs.s3.prefix": "",
            "deletion_protection.enabled": "false",
            "dns_record.client_routing_policy": "any_availability_zone",
            "ipv6.deny_all_igw_traffic": "false",
            "load_balancing.cross_zone.enabled": "false",
            "secondary_ips.auto_assigned.per_subnet": "0",
            "zonal_shift.config.enabled": "false",
        }
    return lb


B.create_load_balancer = create_lb


class Zone(M.AvailabilityZone):
    """A zone with the address that was asked for in it."""

    def __init__(self, subnet, mapping):
        super().__init__(subnet)
        self.load_balancer_addresses = []
        if "AllocationId" in mapping:
            self.load_balancer_addresses = [{"AllocationId": mapping["AllocationId"]}]


def zones(self):
    mappings = getattr(self, "mappings", {})
    return [Zone(subnet, mappings.get(subnet.id, {})) for subnet in self.subnets]


M.FakeLoadBalancer.availability_zones = property(zones)
M.FakeLoadBalancer.VALID_ATTRS |= {
    "dns_record.client_routing_policy",
    "ipv6.deny_all_igw_traffic",
    "secondary_ips.auto_assigned.per_subnet",
}
M.FakeLoadBalancer.VALID_ATTRS |= {"health_check_logs.s3.bucket", "health_check_logs.s3.prefix"}
orig_rclb = RR.create_load_balancer


def r_create_lb(self):
    r = orig_rclb(self)
    lb = r._result["LoadBalancers"][0]
    p = self._get_params()
    for k, a in (
        ("CustomerOwnedIpv4Pool", "customer_owned_ipv4_pool"),
        ("IpamPools", "ipam_pools"),
    ):
        if k in p:
            setattr(lb, a, p[k])
    return r


RR.create_load_balancer = r_create_lb
orig_dlb = B.delete_load_balancer


def delete_lb(self, arn):
    lb = self.load_balancers.get(arn)
    if lb and lb.attrs.get("deletion_protection.enabled") == "true":
        raise E(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    orig_dlb(self, arn)


B.delete_load_balancer = delete_lb


def set_iat(self, arn, t):
    if arn not in self.load_balancers:
        raise LoadBalancerNotFoundError()
    self.load_balancers[arn].ip_address_type = t


B.set_ip_address_type = set_iat
orig_ss = RR.set_subnets


def set_subnets(self):
    r = orig_ss(self)
    p = self._get_params()
    lb = self.elbv2_backend.load_balancers[p["LoadBalancerArn"]]
    lb.mappings = {it["SubnetId"]: it for it in p.get("SubnetMappings", [])}
    if "IpAddressType" in p:
        self.elbv2_backend.set_ip_address_type(p["LoadBalancerArn"], p["IpAddressType"])
    return r


RR.set_subnets = set_subnets


def lbof(self):
    lb = self.elbv2_backend.load_balancers.get(self._get_param("LoadBalancerArn"))
    if not lb:
        raise LoadBalancerNotFoundError()
    return lb


def mod_cap(self):
    lb = lbof(self)
    p = self._get_params()
    lb.cap = (
        None
        if str(p.get("ResetCapacityReservation")).lower() == "true"
        else p.get("MinimumLoadBalancerCapacity")
    )
    return desc_cap(self)


def desc_cap(self):
    lb = lbof(self)
    r = {
        "CapacityReservationState": [
            {"State": {"Code": "provisioned"}, "AvailabilityZone": z.zone_name}
            for z in lb.availability_zones
        ]
    }
    if getattr(lb, "cap", None):
        r["MinimumLoadBalancerCapacity"] = lb.cap
    return ActionResult(r)


RR.modify_capacity_reservation = mod_cap
RR.describe_capacity_reservation = desc_cap


def mod_ip(self):
    lb = lbof(self)
    p = self._get_params()
    lb.ipam_pools = p.get("IpamPools") if not p.get("RemoveIpamPools") else None
    return ActionResult({"IpamPools": lb.ipam_pools} if lb.ipam_pools else {})


RR.modify_ip_pools = mod_ip
orig_db = B.describe_load_balancers


def desc_lbs(self, arns, names):
    for a in arns or []:
        if a not in self.load_balancers:
            raise LoadBalancerNotFoundError()
    for n in names or []:
        if n not in [x.name for x in self.load_balancers.values()]:
            raise LoadBalancerNotFoundError()
    return orig_db(self, arns, names)


B.describe_load_balancers = desc_lbs


# ---- LoadBalancerArns of a target group: computed, not appended
def tg_lbs(self):
    b = M.elbv2_backends[self.account_id][self.region_name]
    return [
        lb.arn
        for lb in b.load_balancers.values()
        if any(
            self.arn in b._get_target_group_arns_from(a.data)
            or any(
                t.get("TargetGroupArn") == self.arn
                for t in a.data.get("ForwardConfig", {}).get("TargetGroups", [])
            )
            for l in lb.listeners.values()
            for r in l.rules.values()
            for a in r.actions
        )
    ]


class _Sink(list):
    def append(self, *_):
        pass


M.FakeTargetGroup.load_balancer_arns = property(lambda s: _Sink(tg_lbs(s)), lambda s, v: None)
# ---- target groups
orig_ctg = RR.create_target_group


def create_tg(self):
    p = self._get_params()
    b = self.elbv2_backend
    for tg in b.target_groups.values():
        if (
            tg.name == p.get("Name")
            and str(tg.port) == str(p.get("Port"))
            and tg.protocol == p.get("Protocol")
            and tg.vpc_id == p.get("VpcId")
            and tg.target_type == p.get("TargetType", "instance")
            and (tg.protocol_version or "HTTP1") == p.get("ProtocolVersion", "HTTP1")
        ):
            return ActionResult({"TargetGroups": [tg]})
    r = orig_ctg(self)
    tg = r._result["TargetGroups"][0]
    if "TargetControlPort" in p:
        tg.target_control_port = p["TargetControlPort"]
    tg.attributes = {
        **{
            "stickiness.lb_cookie.duration_seconds": "86400",
            "stickiness.app_cookie.cookie_name": "",
            "stickiness.app_cookie.duration_seconds": "86400",
            "load_balancing.algorithm.anomaly_mitigation": "off",
            "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
            "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
        },
        **tg.attributes,
    }
    tg.attributes.pop("waf.fail_open.enabled", None)
    return r


RR.create_target_group = create_tg
orig_mtg = RR.modify_target_group


def mod_tg(self):
    r = orig_mtg(self)
    g = (self._get_params().get("Matcher") or {}).get("GrpcCode")
    if g:
        r._result["TargetGroups"][0].matcher = {"GrpcCode": g}
    return r


RR.modify_target_group = mod_tg
orig_mta = RR.modify_target_group_attributes


def mod_tga(self):
    tg = self.elbv2_backend.target_groups.get(self._get_param("TargetGroupArn"))
    if tg:
        for a in self._get_param("Attributes", []):
            if a["Key"] not in tg.attributes:
                raise E(
                    "ValidationError", f"Target group attribute key '{a['Key']}' is not recognized"
                )
    orig_mta(self)
    return ActionResult({"Attributes": tg.attributes})


RR.modify_target_group_attributes = mod_tga
TG = M.FakeTargetGroup


class Key(str):
    pass


def reg(self, targets):
    for t in targets:
        port = t.get("Port", self.port)
        k = f"{t['Id']}|{port}"
        self.targets[k] = {
            "Id": t["Id"],
            "Port": port,
            **({"AvailabilityZone": t["AvailabilityZone"]} if "AvailabilityZone" in t else {}),
        }


def dereg(self, targets):
    for t in targets:
        ks = [
            k
            for k, v in self.targets.items()
            if v["Id"] == t["Id"] and ("Port" not in t or str(v["Port"]) == str(t["Port"]))
        ]
        for k in ks:
            self.deregistered_targets[k] = self.targets.pop(k)


TG.register = reg
TG.deregister = dereg


class HS:
    def __init__(s, t, hp):
        s.target = t
        s.health_check_port = hp
        s.target_health = {"State": "healthy"}


def health(self, arn, targets):
    tg = self.target_groups.get(arn)
    if tg is None:
        raise M.TargetGroupNotFoundError()
    w = {(t["Id"], str(t.get("Port", tg.port))) for t in targets}
    return [
        HS(v, str(v["Port"]) if tg.health_check_port == "traffic-port" else tg.health_check_port)
        for v in tg.targets.values()
        if not w or (v["Id"], str(v["Port"])) in w
    ]


B.describe_target_health = health


def delete_tg(self, arn):
    if arn not in self.target_groups:
        return None
    if tg_lbs(self.target_groups[arn]):
        raise ResourceInUseError(
            f"Target group '{arn}' is currently in use by a listener or a rule"
        )
    return self.target_groups.pop(arn)


B.delete_target_group = delete_tg
orig_dtg = RR.describe_target_groups


def paged(fn, key, arnattr="arn"):
    def f(self):
        r = fn(self)
        items = list(r._result[key])
        n = int(self._get_param("PageSize") or 400)
        m = self._get_param("Marker")
        i = next((j + 1 for j, x in enumerate(items) if getattr(x, arnattr) == m), 0) if m else 0
        r._result[key] = items[i : i + n]
        if i + n < len(items):
            r._result["NextMarker"] = getattr(items[i + n - 1], arnattr)
        return r

    return f


RR.describe_target_groups = paged(orig_dtg, "TargetGroups")
RR.describe_listeners = paged(RR.describe_listeners, "Listeners")
# ---- listeners
ATTR = {
    f"routing.http.response.{h}.header_value": ""
    for h in (
        "access_control_allow_origin",
        "access_control_allow_methods",
        "access_control_allow_headers",
        "access_control_expose_headers",
        "access_control_allow_credentials",
        "access_control_max_age",
        "strict_transport_security",
        "content_security_policy",
        "x_content_type_options",
        "x_frame_options",
    )
} | {"routing.http.response.server.enabled": "true"}
TLSH = {
    f"routing.http.request.{h}.header_name": ""
    for h in (
        "x_amzn_mtls_clientcert_serial_number",
        "x_amzn_mtls_clientcert_issuer",
        "x_amzn_mtls_clientcert_subject",
        "x_amzn_mtls_clientcert_validity",
        "x_amzn_mtls_clientcert_leaf",
        "x_amzn_mtls_clientcert",
        "x_amzn_tls_version",
        "x_amzn_tls_cipher_suite",
    )
}
orig_cl = RR.create_listener


def create_listener(self):
    p = self._get_params()
    lb = self.elbv2_backend.load_balancers.get(p.get("LoadBalancerArn"))
    if lb and any(str(l.port) == str(p.get("Port")) for l in lb.listeners.values()):
        raise DuplicateListenerError()
    if p.get("Protocol") == "HTTPS":
        if not p.get("Certificates"):
            raise E("ValidationError", "A certificate must be specified for HTTPS listeners")
        if len(p["Certificates"]) > 1:
            raise E("ValidationError", "Up to one certificate can be specified")
        if p.get("SslPolicy") and p["SslPolicy"] not in R.SSL_POLICIES:
            raise E("SSLPolicyNotFound", f"SSL policy '{p['SslPolicy']}' not found")
    store = (p.get("MutualAuthentication") or {}).get("TrustStoreArn")
    if store and store not in ts(self):
        raise E("TrustStoreNotFound", f"Trust store '{store}' not found")
    r = orig_cl(self)
    l = r._result["Listeners"][0]
    l.attributes = dict(ATTR)
    if l.protocol == "HTTPS":
        l.attributes |= TLSH
        l.mutual_authentication = p.get("MutualAuthentication") or {"Mode": "off"}
    else:
        l.ssl_policy = None
    l.sni = []
    return r


RR.create_listener = create_listener
orig_ml = RR.modify_listener


def modify_listener(self):
    p = self._get_params()
    r = orig_ml(self)
    l = r._result["Listeners"][0]
    if "MutualAuthentication" in p:
        l.mutual_authentication = p["MutualAuthentication"]
    if "AlpnPolicy" in p:
        l.alpn_policy = p["AlpnPolicy"]
    if l.default_actions:
        self.elbv2_backend._validate_actions(l.default_actions)
    return r


RR.modify_listener = modify_listener


def add_lc(self):
    l = self.elbv2_backend.describe_listeners(None, [self._get_param("ListenerArn")])[0]
    for c in self._get_param("Certificates", []):
        if c["CertificateArn"] not in l.sni:
            l.sni.append(c["CertificateArn"])
    return ActionResult(
        {"Certificates": [{"CertificateArn": c, "IsDefault": False} for c in l.sni]}
    )


def desc_lc(self):
    l = self.elbv2_backend.describe_listeners(None, [self._get_param("ListenerArn")])[0]
    return ActionResult(
        {
            "Certificates": [{"CertificateArn": c, "IsDefault": True} for c in l.certificates]
            + [{"CertificateArn": c, "IsDefault": False} for c in l.sni]
        }
    )


def rem_lc(self):
    l = self.elbv2_backend.describe_listeners(None, [self._get_param("ListenerArn")])[0]
    g = {c["CertificateArn"] for c in self._get_param("Certificates", [])}
    l.sni = [c for c in l.sni if c not in g]
    return EmptyResult()


RR.add_listener_certificates = add_lc
RR.describe_listener_certificates = desc_lc
RR.remove_listener_certificates = rem_lc
orig_mla = RR.modify_listener_attributes


def mod_la(self):
    l = self.elbv2_backend.describe_listeners(None, [self._get_param("ListenerArn")])[0]
    for a in self._get_params()["Attributes"]:
        if a["Key"] not in l.attributes:
            raise E("ValidationError", f"Listener attribute key '{a['Key']}' is not recognized")
    return orig_mla(self)


RR.modify_listener_attributes = mod_la


# ---- trust stores
def ts(self):
    b = self.elbv2_backend
    if not hasattr(b, "tstores"):
        b.tstores = {}
    return b.tstores


def create_ts(self):
    n = self._get_param("Name")
    arn = f"arn:aws:elasticloadbalancing:{self.region}:{self.current_account}:truststore/{n}/{mock_random.get_random_hex(16)}"
    ts(self)[arn] = {
        "Name": n,
        "TrustStoreArn": arn,
        "Status": "ACTIVE",
        "NumberOfCaCertificates": 1,
        "TotalRevokedEntries": 0,
    }
    self.elbv2_backend.tagging_service.tag_resource(arn, self._get_param("Tags"))
    return ActionResult({"TrustStores": [ts(self)[arn]]})


def desc_ts(self):
    names = self._get_param("Names") or []
    arns = self._get_param("TrustStoreArns") or []
    r = [
        t
        for t in ts(self).values()
        if (not names or t["Name"] in names) and (not arns or t["TrustStoreArn"] in arns)
    ]
    if (names or arns) and not r:
        raise E("TrustStoreNotFound", "One or more trust stores not found")
    return ActionResult({"TrustStores": r})


def mod_ts(self):
    return ActionResult({"TrustStores": [ts(self)[self._get_param("TrustStoreArn")]]})


def del_ts(self):
    ts(self).pop(self._get_param("TrustStoreArn"), None)
    return EmptyResult()


RR.create_trust_store = create_ts
RR.describe_trust_stores = desc_ts
RR.modify_trust_store = mod_ts
RR.delete_trust_store = del_ts
# ---- tags: listener and rule in the tagging API, TagResources, security groups
from moto.core.resource_tagging import TaggedResource

orig_it = B.iter_tagged_resources


def it(self):
    yield from orig_it(self)
    for lb in self.load_balancers.values():
        for l in lb.listeners.values():
            yield TaggedResource(
                arn=l.arn,
                tags=self.tagging_service.get_tag_dict_for_resource(l.arn),
                resource_type="elasticloadbalancing:listener",
            )
            for r in l.rules.values():
                yield TaggedResource(
                    arn=r.arn,
                    tags=self.tagging_service.get_tag_dict_for_resource(r.arn),
                    resource_type="elasticloadbalancing:listener-rule",
                )


B.iter_tagged_resources = it


def add_tags(self, resource_arns, tags):  # AWS quota is 50, moto stops at 10
    for arn in resource_arns:
        have = self.tagging_service.get_tag_dict_for_resource(arn)
        if len(have | self.tagging_service.flatten_tag_list(tags)) > 50:
            raise M.TooManyTagsError()
        if ":truststore/" not in arn:
            self._get_resource_by_arn(arn)
        self.tagging_service.tag_resource(arn, tags)


B.add_tags = add_tags
# ---- EC2: DependencyViolation while an LB or another group uses the group
from moto.ec2.models.security_groups import SecurityGroupBackend as SGB
from moto.ec2.exceptions import DependencyViolationError

orig_dsg = SGB.delete_security_group


def delete_sg(self, name=None, group_id=None):
    if group_id:
        lbs = M.elbv2_backends[self.account_id][self.region_name].load_balancers.values()
        refs = [
            g
            for gs in self.groups.values()
            for g in gs.values()
            if g.id != group_id
            for r in list(g.ingress_rules) + list(g.egress_rules)
            if (r.source_group or {}).get("GroupId") == group_id
        ]
        if any(group_id in lb.security_groups for lb in lbs) or refs:
            raise DependencyViolationError(f"resource {group_id} has a dependent object")
    return orig_dsg(self, name, group_id)


SGB.delete_security_group = delete_sg


# ---- EC2: no IPAM pools
from moto.ec2.responses import EC2Response


def describe_ipam_pools(self):
    return ActionResult({"IpamPools": []})


EC2Response.describe_ipam_pools = describe_ipam_pools


# ---- S3: a tag is computed from a buffer that other requests read at the same time
from moto.s3.models import FakeKey

orig_etag = FakeKey.etag.fget


def etag(self):
    with self.lock:
        return orig_etag(self)


FakeKey.etag = property(etag)


# ---- Shield: nobody can ask whether the account has the subscription
from moto.shield.responses import ShieldResponse


def get_subscription_state(self):
    subscribed = getattr(self.shield_backend, "subscription", None)
    return json.dumps({"SubscriptionState": "ACTIVE" if subscribed else "INACTIVE"})


ShieldResponse.get_subscription_state = get_subscription_state
