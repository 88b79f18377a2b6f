# The most that a role of the system can ever be allowed, whatever its own policy says: to work with the system's own data.

resource "aws_iam_policy" "boundary" {
  for_each = local.systems

  name        = "deploy-dispatcher-${each.key}-boundary"
  description = "The most that functions of ${each.value} may do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
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
        # The keys with which tables, queues, secrets and the bus are encrypted, and only for those.
        Sid      = "ThroughStores"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = ["arn:${local.partition}:kms:${var.region}:${local.account}:key/*"]
        Condition = {
          StringEquals = {
            "kms:ViaService" = [for service in ["dynamodb", "events", "secretsmanager", "sqs"] : "${service}.${var.region}.amazonaws.com"]
          }
        }
      },
      {
        # Lambda decrypts a function's variables before it starts, as the function's role. With AWS's key `aws/lambda` a grant allows it, but
        # not beyond a boundary. That the context is Lambda's is what users report of their CloudTrail; it could not be tried here, nor whether
        # `kms:ViaService` is set when an instance starts, so nothing is asked of that.
        Sid       = "OwnVariables"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = ["arn:${local.partition}:kms:${var.region}:${local.account}:key/*"]
        Condition = { ArnLike = { "kms:EncryptionContext:aws:lambda:FunctionArn" = local.resources["${each.key}-apply"].lambda } }
      }
      ],
      # X-Ray has no resources that these actions could be bounded to.
      var.environments[each.key].tracing ? [{
        Sid      = "Traces"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = ["*"]
      }] : [],
      # Lambda makes a function's network interfaces as the function's role; these know no names.
      var.environments[each.key].vpc ? [{
        Sid    = "Network"
        Effect = "Allow"
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:UnassignPrivateIpAddresses"
        ]
        Resource = ["*"]
      }] : []
    )
  })
}
