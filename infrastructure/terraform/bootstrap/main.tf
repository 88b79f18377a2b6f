# What has to be there before the first deployment, made once in each account by a person (infrastructure/README.md, "Bootstrap"): the bucket
# for states and plans, GitHub as an identity provider, and for each environment roles that only its jobs can take:
#
#   deploy-dispatcher-ENV-read    environment ENV-read   reads: plans on pull requests, and the nightly comparison
#   deploy-dispatcher-ENV-plan    environment ENV-plan   pushes images, reads, saves plans
#   deploy-dispatcher-ENV-apply   environment ENV        applies saved plans, after approval, and moves aliases
#   deploy-dispatcher-promote     environment prod-plan  pulls images that dev ran, for prod; in the account of dev
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

  # `does` is what a role is for: read, plan or apply.
  roles = merge([
    for environment, system in local.systems : {
      "${environment}-read"  = { environment = environment, system = system, github_environment = "${environment}-read", does = "read" }
      "${environment}-plan"  = { environment = environment, system = system, github_environment = "${environment}-plan", does = "plan" }
      "${environment}-apply" = { environment = environment, system = system, github_environment = environment, does = "apply" }
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
  assume_role_policy   = local.trust[each.value.github_environment]

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
  for_each = { for key, role in local.roles : key => role if role.does == "apply" }

  name        = "deploy-dispatcher-${each.key}"
  description = "Makes and changes what is called ${each.value.system}-…"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.write_statements[each.key] })
}

resource "aws_iam_role_policy_attachment" "write" {
  for_each = aws_iam_policy.write

  role       = aws_iam_role.deploy[each.key].name
  policy_arn = each.value.arn
}

resource "aws_iam_policy" "options" {
  for_each = aws_iam_policy.write

  name        = "deploy-dispatcher-${each.key}-options"
  description = "What the options of ${local.roles[each.key].system} need, and nothing that is tagged as another environment's"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.option_statements[each.key] })
}

resource "aws_iam_role_policy_attachment" "options" {
  for_each = aws_iam_policy.options

  role       = aws_iam_role.deploy[each.key].name
  policy_arn = each.value.arn
}
