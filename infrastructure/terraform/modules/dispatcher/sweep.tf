# Sweep: every five minutes, deliveries that never arrived are redelivered, as GitHub never does by itself, and it is asked for
# overdue results of started runs.

module "sweeper" {
  source = "../function"
  count  = var.redelivery_sweep ? 1 : 0

  name                     = "${var.name}-sweeper"
  description              = "${local.description.sweeper} (secrets ${var.secrets_revision})"
  image                    = local.image.sweeper
  environment              = local.environment.sweeper
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing

  # Reserving concurrency would keep a second sweep away, but an account that may run ten functions cannot reserve any. It is not needed:
  # a sweep ends before the next begins, and of two at a time only one asks for a delivery.
  limits = {
    timeout_seconds      = local.timeouts.sweeper
    memory_mb            = var.functions.sweeper.memory_mb
    reserved_concurrency = var.functions.sweeper.reserved_concurrency
  }

  permissions = local.permissions.sweeper
}

resource "aws_cloudwatch_event_rule" "sweep" {
  count = var.redelivery_sweep ? 1 : 0

  name                = "${var.name}-sweep"
  description         = "Deliveries that never arrived are redelivered"
  schedule_expression = "rate(${local.sweep_seconds / 60} minutes)"
  tags                = local.tags.all
}

resource "aws_cloudwatch_event_target" "sweep" {
  count = var.redelivery_sweep ? 1 : 0

  rule      = aws_cloudwatch_event_rule.sweep[0].name
  target_id = "sweeper"
  arn       = module.sweeper[0].live.arn
}

resource "aws_lambda_permission" "sweep" {
  count = var.redelivery_sweep ? 1 : 0

  statement_id  = "sweep"
  action        = "lambda:InvokeFunction"
  function_name = module.sweeper[0].name
  qualifier     = "live"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.sweep[0].arn
}

# A sweep that failed is not worth repeating: the next one catches up.
resource "aws_lambda_function_event_invoke_config" "sweep" {
  count = var.redelivery_sweep ? 1 : 0

  function_name                = module.sweeper[0].name
  qualifier                    = "live"
  maximum_event_age_in_seconds = local.sweep_seconds
  maximum_retry_attempts       = 0

  depends_on = [module.sweeper]
}
