# What the deploying roles may and may not.

mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::example-state" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::aws:policy/example" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "" }
  }
}

variables {
  region       = "eu-central-1"
  state_bucket = "example-state"
  repository   = "example/dispatcher"
}

run "keeps_the_state_private" {
  assert {
    condition = (
      aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy &&
      aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    )
    error_message = "Nothing of the bucket is public."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Every version of a state is kept."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket is encrypted."
  }
}

run "lets_in_one_environment_of_one_repository" {
  assert {
    condition = {
      for key, role in aws_iam_role.deploy :
      key => jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]
      } == {
      dev-plan   = "repo:example/dispatcher:environment:dev-plan"
      dev-apply  = "repo:example/dispatcher:environment:dev"
      prod-plan  = "repo:example/dispatcher:environment:prod-plan"
      prod-apply = "repo:example/dispatcher:environment:prod"
    }
    error_message = "Each role is for the jobs of one environment, spelled out."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.deploy : jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    ])
    error_message = "The token was made for AWS."
  }
}

run "lets_who_applies_tag_everything_that_is_made" {
  assert {
    condition = alltrue([
      for policy in aws_iam_policy.write : length([
        for statement in jsondecode(policy.policy).Statement : statement
        if contains(statement.Action, "lambda:TagResource") && anytrue([for arn in statement.Resource : strcontains(arn, ":event-source-mapping:")])
      ]) == 1
    ])
    error_message = "Default tags are on the mappings, too."
  }
}

run "separates_planning_from_applying" {
  assert {
    condition     = toset(keys(aws_iam_policy.write)) == toset(["dev-apply", "prod-apply"])
    error_message = "Only who applies writes."
  }

  assert {
    condition = alltrue([
      for key, policy in aws_iam_role_policy.state : length([
        for statement in jsondecode(policy.policy).Statement : statement
        if statement.Sid == "State" && contains(statement.Action, "s3:PutObject")
      ]) == (endswith(key, "-apply") ? 1 : 0)
    ])
    error_message = "Only who applies writes the state."
  }

  assert {
    condition     = alltrue([for key, policy in aws_iam_role_policy.read : strcontains(policy.policy, "secretsmanager:GetSecretValue") == endswith(key, "-apply")])
    error_message = "Who plans reads no secret."
  }
}

run "allows_no_wildcard_actions" {
  assert {
    condition = alltrue([
      for policy in concat(values(aws_iam_policy.write)[*].policy, values(aws_iam_policy.boundary)[*].policy, values(aws_iam_role_policy.read)[*].policy, values(aws_iam_role_policy.state)[*].policy) :
      alltrue([for action in flatten(jsondecode(policy).Statement[*].Action) : !strcontains(action, "*") && action != "dynamodb:Scan"])
    ])
    error_message = "Every action is named."
  }

  assert {
    condition = alltrue([
      for policy in concat(values(aws_iam_policy.write)[*].policy, values(aws_iam_role_policy.read)[*].policy) :
      !strcontains(policy, "dynamodb:GetItem") && !strcontains(policy, "dynamodb:Query") && !strcontains(policy, "sqs:ReceiveMessage")
    ])
    error_message = "Who deploys reads no data."
  }
}

run "keeps_roles_within_the_boundary" {
  assert {
    condition = alltrue([
      for policy in aws_iam_policy.write : alltrue([
        for statement in jsondecode(policy.policy).Statement :
        can(statement.Condition.StringEquals["iam:PermissionsBoundary"])
        if length(setintersection(statement.Action, ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary", "iam:AttachRolePolicy"])) > 0
      ])
    ])
    error_message = "A role gets permissions only within the boundary."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.write : !strcontains(policy.policy, "iam:DeleteRolePermissionsBoundary")])
    error_message = "The boundary cannot be taken away."
  }
}

# IAM counts no white space: 6,144 characters for a managed policy, 10,240 for all policies of a role together.
run "fits_into_iam" {
  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.write), values(aws_iam_policy.boundary)) : length(policy.policy) + 600 <= 6144])
    error_message = "A managed policy is too long."
  }

  assert {
    condition     = alltrue([for key, policy in aws_iam_role_policy.read : length(policy.policy) + length(aws_iam_role_policy.state[key].policy) + 600 <= 10240])
    error_message = "A role's policies are too long."
  }
}

run "refuses_other_environments" {
  command = plan
  variables {
    environments = { staging = {} }
  }
  expect_failures = [var.environments]
}

run "leaves_a_known_identity_provider_alone" {
  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "The account has one already."
  }
}
