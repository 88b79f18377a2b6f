# Plan: the queue of completed runs, and the function that decides about them.

module "plan_queue" {
  source = "../queue"

  name        = "${var.name}-plan"
  delivery    = merge(local.delivery, { consumer_seconds = local.timeouts.planner + local.plan_window_seconds })
  alarm       = { oldest_message_seconds = var.alarms.oldest_message_seconds, actions = local.alarm_actions }
  kms_key_arn = var.kms_key_arn
  tags        = local.tags.queues
}

module "planner" {
  source = "../function"

  name                     = "${var.name}-planner"
  description              = "${local.description.planner} (secrets ${var.secrets_revision})"
  image                    = local.image.planner
  environment              = local.environment.planner
  limits                   = { timeout_seconds = local.timeouts.planner, memory_mb = var.functions.planner.memory_mb }
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing
  alarms                   = { about = ["errors"], actions = local.alarm_actions }

  consumes = {
    plan = {
      queue_arn      = local.consumed.planner.plan
      batch_size     = 50
      window_seconds = local.plan_window_seconds
      concurrency    = var.functions.planner.concurrency
    }
  }

  permissions = local.permissions.planner
}

# Mappings had no keys before a function could have several queues.
moved {
  from = module.planner.aws_lambda_event_source_mapping.this[0]
  to   = module.planner.aws_lambda_event_source_mapping.this["plan"]
}
