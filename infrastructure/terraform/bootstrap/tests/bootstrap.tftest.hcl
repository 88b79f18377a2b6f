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
      for key, role in merge(aws_iam_role.deploy, { promote = aws_iam_role.promote["dev"] }) :
      key => jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]
      } == {
      dev-read   = ["repo:example/dispatcher:environment:dev-read"]
      dev-plan   = ["repo:example/dispatcher:environment:dev-plan"]
      dev-apply  = ["repo:example/dispatcher:environment:dev"]
      prod-read  = ["repo:example/dispatcher:environment:prod-read"]
      prod-plan  = ["repo:example/dispatcher:environment:prod-plan"]
      prod-apply = ["repo:example/dispatcher:environment:prod"]
      promote    = ["repo:example/dispatcher:environment:prod-plan"]
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

run "lets_in_both_forms_of_a_token_where_the_ids_are_given" {
  variables {
    repository_ids = { owner = 12, repository = 3456789 }
  }

  assert {
    condition = jsondecode(aws_iam_role.deploy["prod-apply"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == [
      "repo:example/dispatcher:environment:prod",
      "repo:example@12/dispatcher@3456789:environment:prod"
    ]
    error_message = "GitHub names the repository with its ids or without."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.deploy : !strcontains(role.assume_role_policy, "*")])
    error_message = "No part of a subject is left open."
  }
}

run "refuses_ids_that_are_none" {
  command = plan
  variables {
    repository_ids = { owner = 0, repository = 1.5 }
  }
  expect_failures = [var.repository_ids]
}

run "lets_prod_pull_what_dev_ran_and_do_nothing_else_there" {
  assert {
    condition = toset(flatten(jsondecode(aws_iam_role_policy.promote["dev"].policy).Statement[*].Action)) == toset([
      "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer"
    ])
    error_message = "Images are pulled, and nothing is pushed."
  }

  assert {
    condition     = alltrue([for arn in jsondecode(aws_iam_role_policy.promote["dev"].policy).Statement[1].Resource : endswith(arn, ":repository/dispatcher-dev")])
    error_message = "Of dev only."
  }
}

run "lives_in_an_account_of_prod_alone" {
  variables {
    environments = { prod = {} }
  }

  assert {
    condition     = toset(keys(aws_iam_role.deploy)) == toset(["prod-read", "prod-plan", "prod-apply"]) && output.promotion_role_arn == null
    error_message = "Nothing of dev is here."
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

run "lets_a_reading_role_change_nothing" {
  assert {
    condition = alltrue([
      for key in ["dev-read", "prod-read"] : alltrue([
        for action in flatten(concat(jsondecode(aws_iam_role_policy.read[key].policy).Statement, jsondecode(aws_iam_role_policy.state[key].policy).Statement)[*].Action) :
        can(regex(":(Get|List|Describe)[A-Za-z]*$|^apigateway:GET$", action))
      ])
    ])
    error_message = "It gets, lists and describes."
  }
}

run "lets_a_domain_be_added_where_there_is_one" {
  variables {
    environments = { dev = {}, prod = { domain = true } }
  }

  assert {
    condition = {
      for key, policy in aws_iam_policy.options : key => [
        for statement in jsondecode(policy.policy).Statement : statement.Condition.StringEquals["iam:AWSServiceName"] if contains(statement.Action, "iam:CreateServiceLinkedRole")
      ]
    } == { dev-apply = [], prod-apply = ["ops.apigateway.amazonaws.com"] }
    error_message = "API Gateway makes its own role with the first domain of an account, and no other service does."
  }

  assert {
    condition = alltrue([
      for action in ["acm:RequestCertificate", "acm:DeleteCertificate", "apigateway:TagResource", "apigateway:UntagResource"] :
      strcontains("${aws_iam_policy.options["prod-apply"].policy} ${aws_iam_policy.write["prod-apply"].policy}", action)
    ])
    error_message = "A domain has a certificate, and both have tags."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_policy.options["dev-apply"].policy).Statement : statement if statement.Effect == "Allow" && anytrue([for action in statement.Action : startswith(action, "acm:")])]) == 0
    error_message = "Without a domain there is no certificate."
  }
}

run "lets_records_be_written_in_the_zone_that_is_given_only" {
  variables {
    environments = { dev = {}, prod = { zone_id = "EXAMPLEZONE" } }
  }

  assert {
    condition = {
      for key, policy in aws_iam_policy.write : key => join(" ", distinct([for arn in flatten(jsondecode(policy.policy).Statement[*].Resource) : split("/", arn)[1] if strcontains(arn, ":route53:")]))
    } == { dev-apply = "", prod-apply = "EXAMPLEZONE" }
    error_message = "One zone."
  }
}

run "leaves_alone_what_is_another_environments" {
  assert {
    condition = {
      for key, policy in aws_iam_policy.options : key => [
        for statement in jsondecode(policy.policy).Statement : statement.Condition.StringNotEquals["aws:ResourceTag/environment"] if statement.Effect == "Deny"
      ]
    } == { dev-apply = ["dev"], prod-apply = ["prod"] }
    error_message = "What is tagged with another environment is denied."
  }

  assert {
    condition = alltrue([
      for key, policy in aws_iam_policy.options : length(setsubtract(
        [for action in flatten([for statement in jsondecode(aws_iam_policy.write[key].policy).Statement : statement.Action if statement.Effect == "Allow"]) : action if startswith(action, "apigateway:")],
        flatten([for statement in jsondecode(policy.policy).Statement : statement.Action if statement.Effect == "Deny"])
      )) == 0
    ])
    error_message = "API Gateway's ARNs hold no name, so every change of it looks at the tag."
  }
}

run "lets_functions_decrypt_their_own_variables" {
  assert {
    condition = alltrue([
      for environment, policy in aws_iam_policy.boundary : [
        for statement in jsondecode(policy.policy).Statement : { actions = statement.Action, of = statement.Condition.ArnLike["kms:EncryptionContext:aws:lambda:FunctionArn"] }
        if can(statement.Condition.ArnLike)
      ] == [{ actions = ["kms:Decrypt"], of = ["arn:aws:lambda:eu-central-1::function:dispatcher-${environment}-*"] }]
    ])
    error_message = "Lambda decrypts variables as the function's role, and only that function's."
  }
}

run "opens_a_network_traces_and_a_key_where_they_are_asked_for" {
  variables {
    environments = { dev = {}, prod = { vpc = true, tracing = true, kms_key_arn = "arn:aws:kms:eu-central-1::key/example" } }
  }

  assert {
    condition     = { for environment, policy in aws_iam_policy.boundary : environment => strcontains(policy.policy, "xray:") } == { dev = false, prod = true }
    error_message = "Functions that are traced write traces; others none."
  }

  assert {
    condition     = { for environment, policy in aws_iam_policy.boundary : environment => strcontains(policy.policy, "ec2:") } == { dev = false, prod = true }
    error_message = "Functions in a VPC have network interfaces; others have none."
  }

  assert {
    condition = {
      for key, policy in aws_iam_policy.options : key => join(" ", distinct(flatten([
        for statement in jsondecode(policy.policy).Statement : statement.Resource if anytrue([for action in statement.Action : startswith(action, "kms:")])
      ])))
    } == { dev-apply = "", prod-apply = "arn:aws:kms:eu-central-1::key/example" }
    error_message = "One key."
  }
}

run "allows_no_wildcard_actions" {
  assert {
    condition = alltrue([
      for policy in concat(values(aws_iam_policy.write)[*].policy, values(aws_iam_policy.options)[*].policy, values(aws_iam_policy.boundary)[*].policy, values(aws_iam_role_policy.read)[*].policy, values(aws_iam_role_policy.state)[*].policy, values(aws_iam_role_policy.promote)[*].policy) :
      alltrue([for action in flatten(jsondecode(policy).Statement[*].Action) : !strcontains(action, "*") && action != "dynamodb:Scan"])
    ])
    error_message = "Every action is named."
  }

  assert {
    condition = alltrue([
      for policy in concat(values(aws_iam_policy.write)[*].policy, values(aws_iam_policy.options)[*].policy, values(aws_iam_role_policy.read)[*].policy) :
      !strcontains(policy, "dynamodb:GetItem") && !strcontains(policy, "dynamodb:Query") && !strcontains(policy, "sqs:ReceiveMessage")
    ])
    error_message = "Who deploys reads no data."
  }
}

run "keeps_roles_within_the_boundary" {
  assert {
    condition = alltrue([
      for policy in concat(values(aws_iam_policy.write), values(aws_iam_policy.options)) : alltrue([
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
  variables {
    environments = { dev = {}, prod = { zone_id = "EXAMPLEZONE", vpc = true, tracing = true, kms_key_arn = "arn:aws:kms:eu-central-1::key/00000000-0000-0000-0000-000000000000" } }
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.write), values(aws_iam_policy.options), values(aws_iam_policy.boundary)) : length(policy.policy) + 600 <= 6144])
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
