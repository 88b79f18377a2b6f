# Record: the bus that facts are published on, the queue of the recorder, and the function.

resource "aws_cloudwatch_event_bus" "facts" {
  name               = "${var.name}-facts"
  kms_key_identifier = var.kms_key_arn
  tags               = local.tags.all
}

# Every fact, so that others can replay what happened before they listened.
resource "aws_cloudwatch_event_archive" "facts" {
  name             = "${var.name}-facts"
  event_source_arn = aws_cloudwatch_event_bus.facts.arn
  retention_days   = var.data.archive_days
  event_pattern    = jsonencode({ source = ["dispatcher"] })

  kms_key_identifier = var.kms_key_arn
}

resource "aws_cloudwatch_event_rule" "facts" {
  name           = "${var.name}-facts"
  description    = "Facts go to the recorder"
  event_bus_name = aws_cloudwatch_event_bus.facts.name
  event_pattern  = jsonencode({ source = ["dispatcher"] })
  tags           = local.tags.all
}

resource "aws_cloudwatch_event_target" "facts" {
  rule           = aws_cloudwatch_event_rule.facts.name
  event_bus_name = aws_cloudwatch_event_bus.facts.name
  target_id      = "recorder"
  arn            = module.fact_queue.queue.arn

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
}

module "fact_queue" {
  source = "../queue"

  name        = "${var.name}-fact"
  delivery    = merge(local.delivery, { consumer_seconds = local.timeouts.facts + local.fact_window_seconds })
  alarm       = { oldest_message_seconds = var.alarms.oldest_message_seconds, actions = local.alarm_actions }
  kms_key_arn = var.kms_key_arn
  tags        = local.tags.queues

  publisher = { service = "events.amazonaws.com", source_arn = aws_cloudwatch_event_rule.facts.arn }
}

module "facts" {
  source = "../function"

  name                     = "${var.name}-facts"
  description              = local.description.facts
  image                    = local.image.facts
  environment              = local.environment.facts
  limits                   = { timeout_seconds = local.timeouts.facts, memory_mb = var.functions.facts.memory_mb }
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing
  alarms                   = { about = ["errors", "throttles"], actions = local.alarm_actions }

  consumes = {
    fact = {
      queue_arn      = local.consumed.facts.fact
      batch_size     = 50
      window_seconds = local.fact_window_seconds
      concurrency    = var.functions.facts.concurrency
    }
  }

  permissions = local.permissions.facts
}

moved {
  from = module.facts.aws_lambda_event_source_mapping.this[0]
  to   = module.facts.aws_lambda_event_source_mapping.this["fact"]
}

# Facts that EventBridge could not put into the recorder's queue.
resource "aws_sqs_queue" "undelivered" {
  name                      = "${var.name}-fact-undelivered"
  message_retention_seconds = local.contract.queues.retentionDays * 86400
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn

  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600

  tags = local.tags.queues
}

resource "aws_sqs_queue_redrive_allow_policy" "undelivered" {
  queue_url            = aws_sqs_queue.undelivered.id
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}

resource "aws_sqs_queue_policy" "undelivered" {
  queue_url = aws_sqs_queue.undelivered.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OverTlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sqs:*"]
        Resource  = [aws_sqs_queue.undelivered.arn]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "Publish"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = [aws_sqs_queue.undelivered.arn]
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.facts.arn } }
      }
    ]
  })
}
