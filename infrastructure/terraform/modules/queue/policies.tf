locals {
  queues = { main = aws_sqs_queue.main, dead = aws_sqs_queue.dead }

  publishing = var.publisher == null ? [] : [{
    Sid       = "Publish"
    Effect    = "Allow"
    Principal = { Service = var.publisher.service }
    Action    = ["sqs:SendMessage"]
    Resource  = [aws_sqs_queue.main.arn]
    Condition = { ArnEquals = { "aws:SourceArn" = var.publisher.source_arn } }
  }]
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "OverTlsOnly"
        Effect    = "Deny"
        Principal = "*"
        # A denial may be as wide as it can be.
        Action    = ["sqs:*"]
        Resource  = [each.value.arn]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      each.key == "main" ? local.publishing : []
    )
  })
}
