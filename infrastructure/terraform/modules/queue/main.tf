# A work queue with its dead-letter queue: encrypted, over TLS only, and each the other's only partner.

locals {
  # A dead letter's age counts from when the message was first sent, so it must be kept for longer than the message.
  kept_seconds = { message = 4 * 86400, dead_letter = var.delivery.dead_letter_days * 86400 }

  # "Set the queue's visibility timeout to at least six times the function's": a batch that is waiting for concurrency must not come
  # back in the meantime. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  hidden_seconds = 6 * var.delivery.consumer_seconds
}

resource "aws_sqs_queue" "main" {
  name                       = var.name
  visibility_timeout_seconds = local.hidden_seconds
  message_retention_seconds  = local.kept_seconds.message
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.delivery.max_attempts
  })
}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-dead"
  message_retention_seconds = local.kept_seconds.dead_letter
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.main.arn]
  })
}

# The main queue is nobody's dead-letter queue.
resource "aws_sqs_queue_redrive_allow_policy" "main" {
  queue_url            = aws_sqs_queue.main.id
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}
