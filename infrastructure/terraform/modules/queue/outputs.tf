output "queue" {
  description = "The queue: where to send to."
  value       = { arn = aws_sqs_queue.main.arn, url = aws_sqs_queue.main.id, name = aws_sqs_queue.main.name }
}

output "dead_letters" {
  description = "Its dead-letter queue."
  value       = { arn = aws_sqs_queue.dead.arn, url = aws_sqs_queue.dead.id, name = aws_sqs_queue.dead.name }
}

output "visibility_seconds" {
  description = "How long a message is hidden from others while one consumer has it."
  value       = aws_sqs_queue.main.visibility_timeout_seconds
}

output "alarms" {
  description = "The queue's alarms, ARNs by name."
  value = {
    for alarm in concat([aws_cloudwatch_metric_alarm.dead_letters, aws_cloudwatch_metric_alarm.age], aws_cloudwatch_metric_alarm.in_flight[*]) :
    alarm.alarm_name => alarm.arn
  }
}
