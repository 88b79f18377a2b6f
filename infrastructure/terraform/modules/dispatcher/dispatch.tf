# Dispatch and Report: the queue of orders, the queue of reports, and the function that starts workflows and reports what became of them.

module "order_queue" {
  source = "../queue"

  name        = "${var.name}-order"
  fifo        = local.contract.queues.order.fifo
  delivery    = merge(local.delivery, { consumer_seconds = local.timeouts.dispatcher })
  alarm       = { oldest_message_seconds = var.alarms.oldest_message_seconds, actions = local.alarm_actions }
  kms_key_arn = var.kms_key_arn
  tags        = local.tags.queues
}

module "report_queue" {
  source = "../queue"

  name        = "${var.name}-report"
  delivery    = merge(local.delivery, { consumer_seconds = local.timeouts.dispatcher + local.report_window_seconds })
  alarm       = { oldest_message_seconds = var.alarms.oldest_message_seconds, actions = local.alarm_actions }
  kms_key_arn = var.kms_key_arn
  tags        = local.tags.queues
}

module "dispatcher" {
  source = "../function"

  name                     = "${var.name}-dispatcher"
  description              = "${local.description.dispatcher} (secrets ${var.secrets_revision})"
  image                    = local.image.dispatcher
  environment              = local.environment.dispatcher
  limits                   = { timeout_seconds = local.timeouts.dispatcher, memory_mb = var.functions.dispatcher.memory_mb }
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing
  alarms                   = { about = ["errors"], actions = local.alarm_actions }

  consumes = {
    order = {
      queue_arn   = local.consumed.dispatcher.order
      batch_size  = local.contract.queues.order.batchSize
      concurrency = var.functions.dispatcher.concurrency
    }
    report = {
      queue_arn      = local.consumed.dispatcher.report
      window_seconds = local.report_window_seconds
      concurrency    = var.functions.dispatcher.report_concurrency
    }
  }

  permissions = local.permissions.dispatcher
}
