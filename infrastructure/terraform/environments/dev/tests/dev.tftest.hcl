# The values of dev, through the whole system.

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

run "is_called_dev" {
  assert {
    condition     = output.repository.name == "dispatcher-dev" && alltrue([for name in output.aliases : startswith(name, "dispatcher-dev-")])
    error_message = "Every name starts with the environment's."
  }

  assert {
    condition     = local.alarm_topic_arn == null && local.permissions_boundary_arn == null
    error_message = "What was made outside is optional."
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
