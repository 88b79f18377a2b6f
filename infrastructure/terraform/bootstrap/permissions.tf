# What the deploying roles may do: with everything of their own system, with nothing else. None can read a secret's value, but for the
# webhook secret, with which the smoke test signs its delivery; none can read a table's items or a queue's messages.

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

  has_domain = { for environment, options in var.environments : environment => options.domain || options.zone_id != null }

  keys = { for key, role in local.roles : key => compact([var.environments[role.environment].kms_key_arn]) }

  state_object = { for key, role in local.roles : key => "${aws_s3_bucket.state.arn}/state/${role.environment}.tfstate" }
  plan_objects = { for key, role in local.roles : key => "${aws_s3_bucket.state.arn}/plans/${role.environment}/*" }

  state_statements = { for key, role in local.roles : key => concat(
    [
      { Sid = "FindState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [aws_s3_bucket.state.arn] },
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = role.does == "apply" ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
        Resource = [local.state_object[key]]
      }
    ],
    role.does == "read" ? [] : [{
      Sid      = "SavedPlan"
      Effect   = "Allow"
      Action   = role.does == "apply" ? ["s3:GetObject"] : ["s3:PutObject"]
      Resource = [local.plan_objects[key]]
    }],
    role.does == "apply" ? [{
      Sid      = "Lock"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = ["${local.state_object[key]}.tflock"]
    }] : []
  ) }

  # Every role: Terraform reads what there is. The planning role also pushes the image.
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
          "logs:DescribeMetricFilters", "logs:ListTagsForResource",
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
    role.does == "apply" ? [{
      Sid      = "SignSmokeTest"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["arn:${local.partition}:secretsmanager:${var.region}:${local.account}:secret:${role.system}/webhook-secret-*"]
    }] : [],
    length(local.keys[key]) == 0 ? [] : [{
      Sid      = "ReadKey"
      Effect   = "Allow"
      Action   = ["kms:DescribeKey"]
      Resource = local.keys[key]
    }],
    role.does != "plan" ? [] : [{
      Sid    = "PushImage"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"
      ]
      Resource = local.resources[key].ecr
    }]
  ) }

  write_statements = { for key, role in local.roles : key => [
    {
      Sid    = "Own"
      Effect = "Allow"
      Action = [
        "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency", "lambda:DeleteFunctionEventInvokeConfig", "lambda:InvokeFunction", "lambda:PublishVersion",
        "lambda:PutFunctionConcurrency", "lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission", "lambda:TagResource",
        "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
        "lambda:UpdateFunctionEventInvokeConfig",
        "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        "iam:UpdateRoleDescription",
        "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
        "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource",
        "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
        "ecr:CreateRepository", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository", "ecr:DeleteRepositoryPolicy",
        "ecr:PutImage", "ecr:PutImageScanningConfiguration", "ecr:PutImageTagMutability", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy",
        "ecr:TagResource", "ecr:UntagResource", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
        "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:RestoreSecret", "secretsmanager:TagResource",
        "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
        "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource", "cloudwatch:UntagResource",
        "events:CreateArchive", "events:CreateEventBus", "events:DeleteArchive", "events:DeleteEventBus", "events:DeleteRule",
        "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
        "events:UpdateArchive", "events:UpdateEventBus",
        "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteMetricFilter", "logs:DisassociateKmsKey",
        "logs:PutMetricFilter", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource",
        "apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:TagResource", "apigateway:UntagResource",
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
  ] }

  # What not everyone needs, and the bounds between environments; a managed policy of its own, for IAM bounds the length of each.
  option_statements = { for key, role in local.roles : key => concat(
    [for statement in [
      {
        Sid      = "Certificate"
        Effect   = "Allow"
        Action   = ["acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "acm:RequestCertificate"]
        Resource = ["*"]
      },
      {
        # The first domain of an account has API Gateway make its own role.
        Sid       = "RoleOfApiGateway"
        Effect    = "Allow"
        Action    = ["iam:CreateServiceLinkedRole"]
        Resource  = ["arn:${local.partition}:iam::${local.account}:role/aws-service-role/ops.apigateway.amazonaws.com/*"]
        Condition = { StringEquals = { "iam:AWSServiceName" = "ops.apigateway.amazonaws.com" } }
      }
    ] : statement if local.has_domain[role.environment]],
    [for statement in [
      {
        # Lambda, DynamoDB and Secrets Manager encrypt with the key as the one who deploys, or are given a grant for it.
        Sid      = "OwnKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = local.keys[key]
      },
      {
        Sid       = "GrantKey"
        Effect    = "Allow"
        Action    = ["kms:CreateGrant"]
        Resource  = local.keys[key]
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      }
    ] : statement if length(local.keys[key]) > 0],
    !var.environments[role.environment].vpc ? [] : [{
      Sid      = "FindNetwork"
      Effect   = "Allow"
      Action   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = ["*"]
    }],
    [{
      # Where AWS makes up the name, the ARN does not say whose a resource is. Where two environments share an account, the tag that the provider
      # puts on everything says whose it is. (A denial of what is another's, so that what cannot be tagged, such as a route, stays possible.)
      Sid    = "NotOfOtherEnvironments"
      Effect = "Deny"
      Action = [
        "acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate",
        "apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:TagResource", "apigateway:UntagResource",
        "lambda:TagResource", "lambda:UntagResource"
      ]
      Resource = ["*"]
      Condition = {
        Null            = { "aws:ResourceTag/environment" = "false" }
        StringNotEquals = { "aws:ResourceTag/environment" = role.environment }
      }
    }]
  ) }
}
