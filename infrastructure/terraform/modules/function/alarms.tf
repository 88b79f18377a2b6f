# An invocation that fails or is refused. Queues redeliver, so neither loses work; both mean that something is wrong. Where another alarm rings for
# the same reason (the API's, that of a schedule), the function needs none.

locals {
  alarms = {
    errors    = { metric = "Errors", meaning = "Invocations of ${var.name} failed in three of five minutes." }
    throttles = { metric = "Throttles", meaning = "Invocations of ${var.name} were refused in three of five minutes: the concurrency of the account is used up." }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for name, alarm in local.alarms : name => alarm if contains(var.alarms.about, name) }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.meaning} See infrastructure/README.md, Runbook."
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.actions
  ok_actions          = var.alarms.actions
  tags                = var.tags
}
