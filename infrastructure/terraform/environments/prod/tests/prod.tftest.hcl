# The values of prod, through the whole system.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::aws:role/example" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:::log-group:example" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:::function:example", invoke_arn = "arn:aws:apigateway:::example" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:::example" }
  }
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:::event-bus/facts" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:::rule/example" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "registry.example/image" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn                       = "arn:aws:acm:::certificate/example"
      domain_validation_options = [{ domain_name = "dispatcher.example.com", resource_record_name = "_proof.dispatcher.example.com", resource_record_type = "CNAME", resource_record_value = "_value.example.com" }]
    }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "" }
  }
}

variables {
  region  = "eu-central-1"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
}

run "is_called_prod" {
  assert {
    condition     = output.repository.name == "dispatcher-prod" && alltrue([for name in output.aliases : startswith(name, "dispatcher-prod-")])
    error_message = "Every name starts with the environment's."
  }
}

run "finds_what_was_made_outside_by_name" {
  variables {
    account = { alarm_topic = "alarms", permissions_boundary = "boundary" }
  }

  assert {
    condition     = local.alarm_topic_arn == "arn:aws:sns:eu-central-1::alarms"
    error_message = "The topic is in the environment's region and account."
  }

  assert {
    condition     = local.permissions_boundary_arn == "arn:aws:iam:::policy/boundary"
    error_message = "The boundary is in the environment's account."
  }
}

run "takes_what_is_left_out_from_the_defaults" {
  variables {
    policy = { target_allowlist = ["example/*"] }
  }

  assert {
    condition     = output.webhook_url == "${output.base_url}/webhooks/github" && toset(keys(output.secrets)) == toset(["webhook_secret", "private_key", "admin_token"])
    error_message = "The outputs say what to do next."
  }
}
