# For conftest, on `ingc plan --output terraform`. A policy that was written for Terraform plans with
# the AWS provider's resources holds here as it is.
package main

import rego.v1

# What a resource is afterwards; what is deleted is nothing.
afterwards contains resource if {
	some change in input.resource_changes
	change.change.after
	resource := {"address": change.address, "type": change.type, "values": change.change.after}
}

deny contains message if {
	some resource in afterwards
	resource.type == "aws_lb"
	resource.values.internal == false
	not resource.values.drop_invalid_header_fields
	message := sprintf("%s: invalid header fields are not dropped", [resource.address])
}

deny contains message if {
	some resource in afterwards
	resource.type == "aws_security_group"
	some rule in resource.values.ingress
	"0.0.0.0/0" in rule.cidr_blocks
	rule.from_port != 443
	message := sprintf("%s: port %d is open to everybody", [resource.address, rule.from_port])
}

deny contains message if {
	some change in input.resource_changes
	change.type == "aws_lb"
	"delete" in change.change.actions
	message := sprintf("%s: a load balancer is deleted", [change.address])
}
