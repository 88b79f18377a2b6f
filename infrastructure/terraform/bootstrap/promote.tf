# Prod runs the very image that dev ran. The jobs that prepare a deployment of prod may pull it from the registry of dev, in whichever account
# that is, and nothing else of dev.

resource "aws_iam_role" "promote" {
  for_each = { for environment, system in local.systems : environment => system if environment == "dev" }

  name                 = "deploy-dispatcher-promote"
  description          = "Jobs of ${var.repository} in the environment prod-plan pull images of ${each.value}"
  max_session_duration = 3600
  assume_role_policy   = local.trust["prod-plan"]

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "promote" {
  for_each = aws_iam_role.promote

  name = "pull"
  role = each.value.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "LogIn", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
      {
        Sid    = "Pull"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer"
        ]
        Resource = local.resources["${each.key}-plan"].ecr
      }
    ]
  })
}
