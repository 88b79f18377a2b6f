# One Lambda function from the image: function, versions and alias, log group, and what works off queues.
#
# Everything that invokes the function invokes the alias `live`, so a deployment is the move of an alias, and so is its rollback.

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log.retention_days
  log_group_class   = var.log.class
  kms_key_id        = var.log.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  function_name                  = var.name
  description                    = var.description
  role                           = aws_iam_role.this.arn
  package_type                   = "Image"
  image_uri                      = var.image.uri
  architectures                  = [var.image.architecture]
  timeout                        = var.limits.timeout_seconds
  memory_size                    = var.limits.memory_mb
  reserved_concurrent_executions = var.limits.reserved_concurrency
  publish                        = true
  kms_key_arn                    = var.kms_key_arn
  tags                           = var.tags

  image_config {
    command = [var.image.command]
  }

  environment {
    variables = var.environment
  }

  logging_config {
    # The code writes JSON itself; as "JSON", Lambda would wrap it in another.
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  # PassThrough: no traces of Lambda's own.
  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # A function that runs before it may write its log would leave no trace of why it failed.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "this" {
  name             = "live"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  # Terraform publishes versions, and a deployment moves the alias to them: a part of the traffic first (infrastructure/deploy/shift.sh). So
  # applying alone changes nothing about what runs, and neither does a plan in the meantime.
  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

moved {
  from = aws_lambda_alias.this["live"]
  to   = aws_lambda_alias.this
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = var.consumes

  event_source_arn                   = each.value.queue_arn
  function_name                      = aws_lambda_alias.this.arn
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.window_seconds
  # A message that failed does not bring back the others of its batch.
  function_response_types = ["ReportBatchItemFailures"]

  tags = var.tags

  scaling_config {
    maximum_concurrency = each.value.concurrency
  }
}
