# What the deploying roles may do: with everything of their own system, with nothing else. Neither can read a secret's value, but for the
# webhook secret, with which the smoke test signs its delivery; neither can read a table's items or a queue's messages.

locals {
  # ARN patterns of a system's resources, by service.
  resources = { for key, role in local.roles : key => {
    lambda = ["arn:${local.partition}:lambda:${var.region}:${local.account}:function:${role.system}-*"]
    role   = ["arn:${local.partition}:iam::${local.account}:role/${role.system}-*"]
    sqs    = ["arn:${local.partition}:sqs:${var.region}:${local.account}:${role.system}-*"]
    tables = ["arn:${local.partition}:dynamodb:${var.region}:${local.account}:table/${role.system}-*"]
    ecr    = ["arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${role.system}"]
    secret = ["arn:${local.partition}:secretsmanager:${var.region}:${local.account}:secret:${role.system}/*"]
    alarms = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account}:alarm:${role.system}-*"]
    boards = ["arn:${local.partition}:cloudwatch::${local.account}:dashboard/${role.system}"]
    events = [
      for kind in ["rule", "event-bus", "archive"] : "arn:${local.partition}:events:${var.region}:${local.account}:${kind}/${role.system}-*"
    ]
    logs = [
      for kind in ["lambda", "apigateway"] : "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:/aws/${kind}/${role.system}*"
    ]
    # API Gateway's ARNs hold no account and no name.
    api   = [for kind in ["apis", "domainnames", "tags"] : "arn:${local.partition}:apigateway:${var.region}::/${kind}*"]
    zones = [for id in compact([var.environments[role.environment].zone_id]) : "arn:${local.partition}:route53:::hostedzone/${id}"]
  } }

  state_object = { for key, role in local.roles : key => "${aws_s3_bucket.state.arn}/state/${role.environment}.tfstate" }
  plan_objects = { for key, role in local.roles : key => "${aws_s3_bucket.state.arn}/plans/${role.environment}/*" }

  state_statements = { for key, role in local.roles : key => concat(
    [
      { Sid = "FindState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [aws_s3_bucket.state.arn] },
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = role.applies ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
        Resource = [local.state_object[key]]
      },
      {
        Sid      = "SavedPlan"
        Effect   = "Allow"
        Action   = role.applies ? ["s3:GetObject"] : ["s3:PutObject"]
        Resource = [local.plan_objects[key]]
      }
    ],
    role.applies ? [{
      Sid      = "Lock"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = ["${local.state_object[key]}.tflock"]
    }] : []
  ) }

  # Both roles: Terraform reads what there is. The planning role also pushes the image.
  read_statements = { for key, role in local.roles : key => concat(
    [
      {
        Sid    = "ReadOwn"
        Effect = "Allow"
        Action = [
          "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency",
          "lambda:GetFunctionConfiguration", "lambda:GetFunctionEventInvokeConfig", "lambda:GetFunctionRecursionConfig",
          "lambda:GetPolicy", "lambda:ListTags", "lambda:ListVersionsByFunction",
          "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListInstanceProfilesForRole",
          "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags",
          "dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource",
          "ecr:DescribeRepositories", "ecr:DescribeImages", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource",
          "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
          "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource",
          "events:DescribeArchive", "events:DescribeEventBus", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule",
          "logs:ListTagsForResource",
          "apigateway:GET",
          "route53:GetHostedZone", "route53:ListResourceRecordSets"
        ]
        Resource = flatten(values(local.resources[key]))
      },
      {
        # Actions that know no resources, or whose resources have names that are made up by AWS.
        Sid    = "ReadAny"
        Effect = "Allow"
        Action = [
          "lambda:GetEventSourceMapping", "lambda:ListTags", "cloudwatch:DescribeAlarms", "logs:DescribeLogGroups",
          "acm:DescribeCertificate", "acm:ListTagsForCertificate", "route53:GetChange", "ecr:GetAuthorizationToken"
        ]
        Resource = ["*"]
      }
    ],
    role.applies ? [{
      Sid      = "SignSmokeTest"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["arn:${local.partition}:secretsmanager:${var.region}:${local.account}:secret:${role.system}/webhook-secret-*"]
    }] : [],
    role.applies ? [] : [{
      Sid    = "PushImage"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"
      ]
      Resource = local.resources[key].ecr
    }]
  ) }

  write_statements = { for key, role in local.roles : key => concat(
    [
      {
        Sid    = "Own"
        Effect = "Allow"
        Action = [
          "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
          "lambda:DeleteFunctionConcurrency", "lambda:DeleteFunctionEventInvokeConfig", "lambda:PublishVersion",
          "lambda:PutFunctionConcurrency", "lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission", "lambda:TagResource",
          "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
          "lambda:UpdateFunctionEventInvokeConfig",
          "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
          "iam:UpdateRoleDescription",
          "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
          "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource",
          "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
          "ecr:CreateRepository", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository", "ecr:DeleteRepositoryPolicy",
          "ecr:PutImageScanningConfiguration", "ecr:PutImageTagMutability", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy",
          "ecr:TagResource", "ecr:UntagResource", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
          "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:RestoreSecret", "secretsmanager:TagResource",
          "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
          "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm",
          "cloudwatch:TagResource", "cloudwatch:UntagResource",
          "events:CreateArchive", "events:CreateEventBus", "events:DeleteArchive", "events:DeleteEventBus", "events:DeleteRule",
          "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
          "events:UpdateArchive", "events:UpdateEventBus",
          "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource",
          "apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT",
          "route53:ChangeResourceRecordSets"
        ]
        Resource = flatten(values(local.resources[key]))
      },
      {
        # A role can only be made, and given permissions, within the boundary: who deploys can give away no more than a function may have.
        Sid       = "RolesWithinBoundary"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]
        Resource  = local.resources[key].role
        Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary[role.environment].arn } }
      },
      {
        Sid       = "RolesForLambda"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = local.resources[key].role
        Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
      },
      {
        Sid       = "OwnMappings"
        Effect    = "Allow"
        Action    = ["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping"]
        Resource  = ["*"]
        Condition = { ArnLike = { "lambda:FunctionArn" = local.resources[key].lambda } }
      },
      {
        # The provider's default tags are put on mappings as well, and those are called as AWS likes.
        Sid      = "TagMappings"
        Effect   = "Allow"
        Action   = ["lambda:TagResource", "lambda:UntagResource"]
        Resource = ["arn:${local.partition}:lambda:${var.region}:${local.account}:event-source-mapping:*"]
      },
      {
        # API Gateway's access log; these know no resources.
        Sid    = "AccessLog"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
          "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"
        ]
        Resource = ["*"]
      }
    ],
    length(local.resources[key].zones) == 0 ? [] : [{
      Sid      = "Certificate"
      Effect   = "Allow"
      Action   = ["acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RequestCertificate"]
      Resource = ["*"]
    }]
  ) }
}
