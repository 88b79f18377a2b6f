output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "aliases" {
  description = "The aliases by name: what to invoke (`arn`) and what API Gateway invokes (`invoke_arn`)."
  value       = { for name, alias in aws_lambda_alias.this : name => { arn = alias.arn, invoke_arn = alias.invoke_arn } }
}

output "environment" {
  description = "The environment variables that the function was given."
  value       = var.environment
}

output "timeout_seconds" {
  description = "How long an invocation may take."
  value       = aws_lambda_function.this.timeout
}

output "alarm_arns" {
  description = "The function's alarms."
  value       = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn]
}

output "permissions" {
  description = "What the function may do on what, by statement, as `ACTIONS on RESOURCES`."
  value = {
    for statement in local.statements : statement.Sid => "${join(" ", sort(statement.Action))} on ${join(" ", statement.Resource)}"
  }
}

output "mapping" {
  description = "How the function works off its queue; null if it has none."
  value = var.consumes == null ? null : {
    queue_arn      = aws_lambda_event_source_mapping.this[0].event_source_arn
    batch_size     = aws_lambda_event_source_mapping.this[0].batch_size
    response_types = aws_lambda_event_source_mapping.this[0].function_response_types
    concurrency    = aws_lambda_event_source_mapping.this[0].scaling_config[0].maximum_concurrency
  }
}
