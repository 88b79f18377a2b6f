# Rollup: each minute, the dashboard's sliding figures are brought up to date. Only the schedule invokes the function, so one instance has all
# ticks, and with them what it remembers of the hours that it wrote; another would read those again.

module "rollup" {
  source = "../function"

  name                     = "${var.name}-rollup"
  description              = local.description.rollup
  image                    = local.image.rollup
  environment              = local.environment.rollup
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing

  # As with the sweeper, nothing depends on reserved concurrency: of two ticks at a time one finds that it is not its turn.
  limits = {
    timeout_seconds      = local.timeouts.rollup
    memory_mb            = var.functions.rollup.memory_mb
    reserved_concurrency = var.functions.rollup.reserved_concurrency
  }

  permissions = local.permissions.rollup
}

resource "aws_cloudwatch_event_rule" "minute" {
  name                = "${var.name}-minute"
  description         = "The dashboard's sliding figures are brought up to date"
  schedule_expression = "rate(1 minute)"
  tags                = local.tags.all
}

resource "aws_cloudwatch_event_target" "minute" {
  rule      = aws_cloudwatch_event_rule.minute.name
  target_id = "rollup"
  arn       = module.rollup.live.arn
}

resource "aws_lambda_permission" "minute" {
  statement_id  = "minute"
  action        = "lambda:InvokeFunction"
  function_name = module.rollup.name
  qualifier     = "live"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.minute.arn
}

# A tick that failed is not worth repeating: the next one makes up for it.
resource "aws_lambda_function_event_invoke_config" "rollup" {
  function_name                = module.rollup.name
  qualifier                    = "live"
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0

  depends_on = [module.rollup]
}
