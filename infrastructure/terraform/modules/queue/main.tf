# A work queue with its dead-letter queue: encrypted, over TLS only, and each the other's only partner.

locals {
  # SQS asks for the suffix. The dead-letter queue of a FIFO queue is one, too.
  suffix       = var.fifo ? ".fifo" : ""
  kept_seconds = var.delivery.retention_days * 86400

  # "Set the queue's visibility timeout to at least six times the function's": a batch that is waiting for concurrency must not come
  # back in the meantime. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  hidden_seconds = 6 * var.delivery.consumer_seconds
}

resource "aws_sqs_queue" "main" {
  name                       = "${var.name}${local.suffix}"
  visibility_timeout_seconds = local.hidden_seconds
  message_retention_seconds  = local.kept_seconds
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  kms_master_key_id          = var.kms_key_arn
  # How often SQS asks for the key: rarely, since each time costs.
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  tags                              = var.tags

  # High throughput: groups do not share one limit.
  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
  fifo_queue            = var.fifo ? true : null
  deduplication_scope   = var.fifo ? "messageGroup" : null
  fifo_throughput_limit = var.fifo ? "perMessageGroupId" : null

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.delivery.max_receives
  })
}

resource "aws_sqs_queue" "dead" {
  name                              = "${var.name}-dead${local.suffix}"
  message_retention_seconds         = local.kept_seconds
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  tags                              = var.tags

  fifo_queue            = var.fifo ? true : null
  deduplication_scope   = var.fifo ? "messageGroup" : null
  fifo_throughput_limit = var.fifo ? "perMessageGroupId" : null
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.main.arn]
  })
}

# The main queue is no dead-letter queue.
resource "aws_sqs_queue_redrive_allow_policy" "main" {
  queue_url            = aws_sqs_queue.main.id
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}
