resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "${aws_sqs_queue.dead.name} holds messages that were given up. See infrastructure/README.md, Runbook."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm.actions
  ok_actions          = var.alarm.actions
  tags                = var.tags
}

# SQS leaves messages out that were received three times or more: this rings where nothing takes messages at all. Work that is tried again and
# again is in the age that the rollup publishes (modules/dispatcher/alarms.tf).
resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "${var.name}-age"
  alarm_description   = "No invocation has taken the oldest message of ${var.name} for more than ${var.alarm.oldest_message_seconds} seconds. See infrastructure/README.md, Runbook."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.main.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm.oldest_message_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm.actions
  ok_actions          = var.alarm.actions
  tags                = var.tags
}

# "For FIFO queues, there can be a maximum of 20,000 in flight messages"; then SQS hands out no more.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-fifo.html
resource "aws_cloudwatch_metric_alarm" "in_flight" {
  count = var.fifo ? 1 : 0

  alarm_name          = "${var.name}-in-flight"
  alarm_description   = "More than 16,000 messages of ${var.name} are in hand; at 20,000 SQS hands out no more. See infrastructure/README.md, Runbook."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesNotVisible"
  dimensions          = { QueueName = aws_sqs_queue.main.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 16000
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm.actions
  ok_actions          = var.alarm.actions
  tags                = var.tags
}
