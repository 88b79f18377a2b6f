# What the functions say of themselves, and the alarms about it. CloudWatch takes these metrics out of their logs (Embedded Metric Format), so
# writing them sends no request; it does so only for logs of the class STANDARD. Namespace, dimension and names are the code's.

locals {
  own_metrics   = var.logs.class == "STANDARD"
  own_namespace = "Dispatcher"
  own_dimension = { Deployment = var.name }

  # The rollup publishes the first four each minute; where it stands still, `rollup-stale` says so. The others are there when there is
  # something to count.
  own_alarms = {
    unplanned-age = {
      metric = "OldestUnplannedAge", statistic = "Maximum", above = var.alarms.oldest_message_seconds, period = 60, of = 5, bad = 5
      means  = "A delivery waits for its plan for more than ${var.alarms.oldest_message_seconds} seconds."
    }
    unsettled-age = {
      metric = "OldestUnsettledAge", statistic = "Maximum", above = var.alarms.oldest_message_seconds, period = 60, of = 5, bad = 5
      means  = "An allowed target waits for its outcome for more than ${var.alarms.oldest_message_seconds} seconds."
    }
    health = {
      metric = "Health", statistic = "Maximum", above = 1, period = 60, of = 5, bad = 5
      means  = "The dashboard shows red for five minutes."
    }
    unknown-outcomes = {
      metric = "UnknownOutcomes", statistic = "Maximum", above = 0, period = 60, of = 1, bad = 1
      means  = "Of a workflow it is not known whether it was started."
    }
    refused-signatures = {
      metric = "RefusedSignatures", statistic = "Sum", above = 0, period = 300, of = 12, bad = 3
      means  = "Deliveries that seem to be GitHub's were refused for their signature, in three of the last twelve five minutes."
    }
    write-conflicts = {
      metric = "WriteConflicts", statistic = "Sum", above = 300, period = 300, of = 3, bad = 3
      means  = "More than one transaction a second has met another at the same items, for a quarter of an hour."
    }
    unauthorized = {
      metric = "Unauthorized", statistic = "Sum", above = 30, period = 300, of = 1, bad = 1
      means  = "The API answered more than 30 requests with 401 in five minutes."
    }
    throttled-requests = {
      metric = "ThrottledRequests", statistic = "Sum", above = 0, period = 60, of = 1, bad = 1
      means  = "The API answered with 429; a delivery may be missing."
    }
  }

  # Metrics of the front door that API Gateway does not have (it counts all of 4xx together), from its access log.
  counted_answers = { Unauthorized = 401, ThrottledRequests = 429 }
}

resource "aws_cloudwatch_log_metric_filter" "answers" {
  for_each = local.own_metrics ? local.counted_answers : {}

  name           = "${var.name}-${each.value}"
  log_group_name = aws_cloudwatch_log_group.access.name
  pattern        = "{ $.status = \"${each.value}\" }"

  metric_transformation {
    name       = each.key
    namespace  = local.own_namespace
    value      = "1"
    unit       = "Count"
    dimensions = { for name, _ in local.own_dimension : name => "$.${lower(name)}" }
  }
}

resource "aws_cloudwatch_metric_alarm" "own" {
  for_each = local.own_metrics ? local.own_alarms : {}

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.means} See infrastructure/README.md, Runbook."
  namespace           = local.own_namespace
  metric_name         = each.value.metric
  dimensions          = local.own_dimension
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.of
  datapoints_to_alarm = each.value.bad
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags.all
}
