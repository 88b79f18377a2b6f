# What each function may do, as `contract.json` lists it: the end-to-end tests refuse a function whatever is not in that list, and fail over
# whatever is in it without a use. This translates its names of things into ARNs.

locals {
  arns = merge(
    { for name, arn in local.table_arns : "tables/${name}" => arn },
    { for name, queue in local.queues : "queues/${name}" => queue.queue.arn },
    { for name, queue in local.queues : "queues/${name}-dead" => queue.dead_letters.arn },
    { for key, secret in aws_secretsmanager_secret.this : "secrets/${key}" => secret.arn },
    { "bus/facts" = aws_cloudwatch_event_bus.facts.arn }
  )

  permissions = {
    for function, expected in local.contract.functions : function => [
      for sid, allowed in expected.permissions : {
        sid       = sid
        actions   = allowed.actions
        resources = [for name in allowed.resources : local.arns[name]]
      }
    ] if function != "admin" || var.dashboard
  }

  # The queues that functions work off, by their names.
  consumed = { for function, expected in local.contract.functions : function => {
    for name in try(expected.consumes, []) : trimprefix(name, "queues/") => local.arns[name]
  } }
}
