-- Health of a TargetGroupBinding, for `resource.customizations.health.elbv2.k8s.aws_TargetGroupBinding`
-- in the ConfigMap argocd-cm. Healthy once the controller has seen the object as it is now and has
-- nothing to complain of.
local status = obj.status

if obj.metadata ~= nil and obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "targets are being deregistered" }
end

if status ~= nil and status.conditions ~= nil then
  for _, condition in ipairs(status.conditions) do
    if condition.type == "Ready" and condition.status == "False" then
      local message = condition.message or condition.reason or "not ready"
      return { status = "Degraded", message = message }
    end
  end
end

local generation = obj.metadata ~= nil and obj.metadata.generation or nil
if status == nil or status.observedGeneration == nil then
  return { status = "Progressing", message = "waiting for the AWS Load Balancer Controller" }
end
if generation ~= nil and status.observedGeneration < generation then
  return { status = "Progressing", message = "the controller has not seen this generation yet" }
end
return { status = "Healthy", message = "targets are registered" }
