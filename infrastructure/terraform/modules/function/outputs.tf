output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "live" {
  description = "The alias `live`: what to invoke (`arn`) and what API Gateway invokes (`invoke_arn`)."
  value       = { arn = aws_lambda_alias.this.arn, invoke_arn = aws_lambda_alias.this.invoke_arn }
}

output "environment" {
  description = "The environment variables that the function was given."
  value       = var.environment
}

output "timeout_seconds" {
  description = "How long an invocation may take."
  value       = aws_lambda_function.this.timeout
}

output "version" {
  description = "The version that was published last."
  value       = aws_lambda_function.this.version
}

output "alarms" {
  description = "The function's alarms, ARNs by name."
  value       = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => alarm.arn }
}

output "permissions" {
  description = "What the function may do on what, by statement, as `ACTIONS on RESOURCES`."
  value = {
    for statement in local.statements : statement.Sid => "${join(" ", sort(statement.Action))} on ${join(" ", statement.Resource)}"
  }
}

output "mappings" {
  description = "How the function works off its queues, by their keys."
  value = { for key, mapping in aws_lambda_event_source_mapping.this : key => {
    queue_arn      = mapping.event_source_arn
    batch_size     = mapping.batch_size
    window_seconds = mapping.maximum_batching_window_in_seconds
    response_types = mapping.function_response_types
    concurrency    = mapping.scaling_config[0].maximum_concurrency
  } }
}

output "architecture" {
  description = "What the function runs on."
  value       = one(aws_lambda_function.this.architectures)
}

output "tags" {
  description = "The function's tags."
  value       = aws_lambda_function.this.tags
}
