# An invocation that fails or is refused. Queues redeliver, so neither loses work; both mean that something is wrong.

locals {
  often = var.alarm_period_seconds == 60 ? "three of five minutes" : "three of five times ${var.alarm_period_seconds / 60} minutes"
  alarms = {
    errors    = { metric = "Errors", meaning = "Invocations of ${var.name} failed in ${local.often}." }
    throttles = { metric = "Throttles", meaning = "Invocations of ${var.name} were refused in ${local.often}: its concurrency is used up." }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.meaning} See infrastructure/README.md, Runbook."
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = var.alarm_period_seconds
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
