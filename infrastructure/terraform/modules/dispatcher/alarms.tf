# Alarms about the system as a whole; each queue and each function brings its own. What each one means and what to do about it stands in
# infrastructure/README.md, Runbook. CloudWatch bills an alarm for each metric in it, so each has one, and none repeats another: `server-errors`
# rings for whatever becomes of an invocation of `ingress` or `admin`, `rollup-stale` and `sweep-stale` for those of what a schedule invokes, and what
# works off queues is refused only where the account's concurrency is used up: `facts` has the most batches, so it meets that first.

locals {
  queues = { plan = module.plan_queue, order = module.order_queue, report = module.report_queue, fact = module.fact_queue }

  # ARNs by name.
  alarms = merge(concat(
    [{
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.server_errors, aws_cloudwatch_metric_alarm.rollup_stale, aws_cloudwatch_metric_alarm.undelivered],
        aws_cloudwatch_metric_alarm.sweep_stale, values(aws_cloudwatch_metric_alarm.table_throttles), values(aws_cloudwatch_metric_alarm.own)
      ) : alarm.alarm_name => alarm.arn
    }],
    [for queue in local.queues : queue.alarms],
    [for function in local.all_functions : function.alarms]
  )...)
}

# GitHub never redelivers by itself, and the sweep does so minutes later; one is enough to look.
resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name          = "${var.name}-server-errors"
  alarm_description   = "The API answered with 5xx; a delivery may be missing. See infrastructure/README.md, Runbook."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.this.id }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags.all
}

# Only the schedule invokes the function, so its invocations are rollups. Each gives its errors, 0 or 1: the least of a period is 1 where none of
# its invocations succeeded. What is not even tried has no data. Taken for a failure, that would ring before the very first try. So it is its own
# state of the alarm, and notifies when it begins; a new alarm is in that state from the start, and does not.
resource "aws_cloudwatch_metric_alarm" "rollup_stale" {
  alarm_name          = "${var.name}-rollup-stale"
  alarm_description   = "No rollup succeeded for five minutes; the dashboard's figures stand still. See infrastructure/README.md, Runbook."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = module.rollup.name }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "missing"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  insufficient_data_actions = local.alarm_actions

  tags = local.tags.all
}

# As above: the sweeper's invocations are sweeps.
resource "aws_cloudwatch_metric_alarm" "sweep_stale" {
  count = var.redelivery_sweep ? 1 : 0

  alarm_name          = "${var.name}-sweep-stale"
  alarm_description   = "No sweep succeeded for half an hour; what does not arrive is not redelivered. See infrastructure/README.md, Runbook."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = module.sweeper[0].name }
  statistic           = "Minimum"
  period              = local.sweep_seconds
  evaluation_periods  = 6
  datapoints_to_alarm = 6
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "missing"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  insufficient_data_actions = local.alarm_actions

  tags = local.tags.all
}

resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name          = "${var.name}-fact-undelivered"
  alarm_description   = "EventBridge could not put facts into the recorder's queue. See infrastructure/README.md, Runbook."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.undelivered.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags.all
}

# Of writes only: a partition takes three times as many reads, and what waits for a read shows in the ages of work and in the API's errors.
resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  for_each = local.contract.tables.variables

  alarm_name          = "${aws_dynamodb_table.this[each.key].name}-throttles"
  alarm_description   = "DynamoDB refused writes to ${aws_dynamodb_table.this[each.key].name} in three of five minutes. See infrastructure/README.md, Runbook."
  namespace           = "AWS/DynamoDB"
  metric_name         = "WriteThrottleEvents"
  dimensions          = { TableName = aws_dynamodb_table.this[each.key].name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags.all
}
