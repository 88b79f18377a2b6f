# What has to be there before the first deployment, made once by a person (infrastructure/README.md, "Bootstrap"): the bucket for states
# and plans, GitHub as an identity provider, and for each environment two roles that only its jobs can take:
#
#   deploy-dispatcher-ENV-plan    environment ENV-plan   pushes images, reads, saves plans
#   deploy-dispatcher-ENV-apply   environment ENV        applies saved plans; GitHub lets it start after approval only
#
# Its own state stays on the person's machine, or is moved into the bucket; nothing else depends on it.

provider "aws" {
  region = var.region

  default_tags {
    tags = { system = "dispatcher", part = "bootstrap" }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  issuer    = "token.actions.githubusercontent.com"

  # The systems by environment, and what every name of theirs starts with.
  systems = { for environment, _ in var.environments : environment => "dispatcher-${environment}" }

  roles = merge([
    for environment, system in local.systems : {
      "${environment}-plan"  = { environment = environment, system = system, github_environment = "${environment}-plan", applies = false }
      "${environment}-apply" = { environment = environment, system = system, github_environment = environment, applies = true }
    }
  ]...)
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_oidc_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "deploy" {
  for_each = local.roles

  name                 = "deploy-dispatcher-${each.key}"
  description          = "Jobs of ${var.repository} in the environment ${each.value.github_environment}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}" }
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "repo:${var.repository}:environment:${each.value.github_environment}"
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "state" {
  for_each = local.roles

  name   = "state"
  role   = aws_iam_role.deploy[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.state_statements[each.key] })
}

resource "aws_iam_role_policy" "read" {
  for_each = local.roles

  name   = "read"
  role   = aws_iam_role.deploy[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.read_statements[each.key] })
}

resource "aws_iam_policy" "write" {
  for_each = { for key, role in local.roles : key => role if role.applies }

  name        = "deploy-dispatcher-${each.key}"
  description = "Makes and changes what is called ${each.value.system}-…"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.write_statements[each.key] })
}

resource "aws_iam_role_policy_attachment" "write" {
  for_each = aws_iam_policy.write

  role       = aws_iam_role.deploy[each.key].name
  policy_arn = each.value.arn
}
