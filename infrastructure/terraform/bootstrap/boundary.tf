# The most that a role of the system can ever be allowed, whatever its own policy says: to work with the system's own data.

resource "aws_iam_policy" "boundary" {
  for_each = local.systems

  name        = "deploy-dispatcher-${each.key}-boundary"
  description = "The most that functions of ${each.value} may do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OwnData"
        Effect = "Allow"
        Action = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
          "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes",
          "events:PutEvents", "secretsmanager:GetSecretValue", "logs:CreateLogStream", "logs:PutLogEvents"
        ]
        Resource = flatten([
          for kind in ["tables", "sqs", "events", "secret", "logs"] : local.resources["${each.key}-apply"][kind]
        ])
      },
      {
        # AWS's own keys, with which tables and secrets are encrypted, and only for those.
        Sid      = "ThroughStores"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = ["arn:${local.partition}:kms:${var.region}:${local.account}:key/*"]
        Condition = {
          StringEquals = {
            "kms:ViaService" = [for service in ["dynamodb", "secretsmanager"] : "${service}.${var.region}.amazonaws.com"]
          }
        }
      },
      {
        Sid      = "Traces"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = ["*"]
      }
    ]
  })
}
