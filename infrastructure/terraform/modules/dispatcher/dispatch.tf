# Dispatch and Report: the queue of orders, and the function that starts workflows and tells what became of them.

module "order_queue" {
  source = "../queue"

  name     = "${var.name}-order"
  delivery = merge(local.delivery, { consumer_seconds = local.timeouts.dispatcher })
  alarm    = { oldest_message_seconds = var.alarms.oldest_message_seconds, actions = local.alarm_actions }
}

module "dispatcher" {
  source = "../function"

  name                     = "${var.name}-dispatcher"
  description              = "${local.description.dispatcher} (secrets ${var.secrets_revision})"
  image                    = local.image.dispatcher
  environment              = local.environment.dispatcher
  limits                   = { timeout_seconds = local.timeouts.dispatcher, memory_mb = var.functions.dispatcher.memory_mb }
  consumes                 = { queue_arn = module.order_queue.queue.arn, concurrency = var.functions.dispatcher.concurrency }
  log_retention_days       = var.data.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_actions            = local.alarm_actions

  permissions = [
    {
      sid       = "ClaimAndSettleOrders"
      actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
      resources = [local.table_arns.ledger]
    },
    { sid = "OfferReports", actions = ["sqs:SendMessage"], resources = [module.order_queue.queue.arn] },
    { sid = "GiveUpOrders", actions = ["sqs:SendMessage"], resources = [module.order_queue.dead_letters.arn] },
    { sid = "PublishFacts", actions = ["events:PutEvents"], resources = [aws_cloudwatch_event_bus.facts.arn] },
    { sid = "ReadSecrets", actions = ["secretsmanager:GetSecretValue"], resources = [aws_secretsmanager_secret.this["private_key"].arn] }
  ]
}
