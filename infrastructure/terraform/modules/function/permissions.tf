# The function's role: what it was given, what working off its queues takes, its own log, and traces where there are some. Nothing else.

locals {
  statements = concat(
    [
      {
        Sid      = "OwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
      }
    ],
    !var.tracing ? [] : [
      {
        # X-Ray has no resources that these actions could be bounded to.
        Sid      = "OwnTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = ["*"]
      }
    ],
    length(var.consumes) == 0 ? [] : [
      {
        # ChangeMessageVisibility: a message that is to come again later is hidden until then.
        Sid      = "WorkOffQueues"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
        Resource = [for queue in var.consumes : queue.queue_arn]
      }
    ],
    var.kms_key_arn == null ? [] : [
      {
        # Tables, queues and secrets use the key with the rights of who asks them, and so does the start of the function for its environment.
        Sid      = "OwnKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = [var.kms_key_arn]
      }
    ],
    var.vpc == null ? [] : [
      {
        # Lambda makes network interfaces with the function's role. They have no names that the actions could be bounded to.
        Sid    = "OwnNetworkInterfaces"
        Effect = "Allow"
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"
        ]
        Resource = ["*"]
      }
    ],
    [
      for statement in var.permissions : {
        Sid      = statement.sid
        Effect   = "Allow"
        Action   = statement.actions
        Resource = statement.resources
      }
    ]
  )
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "What ${var.name} may do"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "own-permissions"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
