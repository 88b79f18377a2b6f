# What AWS makes up, in the form in which AWS makes it up, for every `terraform test`: a mocked provider still validates ARNs. They are those of
# no account. They are made up while planning, so that most tests need not apply, which takes ten times as long.

mock_resource "aws_iam_role" {
  override_during = plan
  defaults        = { arn = "arn:aws:iam::aws:role/example" }
}

mock_resource "aws_cloudwatch_log_group" {
  override_during = plan
  defaults        = { arn = "arn:aws:logs:::log-group:example" }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  override_during = plan
  defaults        = { arn = "arn:aws:cloudwatch:::alarm:example" }
}

mock_resource "aws_lambda_function" {
  override_during = plan
  defaults        = { arn = "arn:aws:lambda:::function:example", version = "1" }
}

mock_resource "aws_lambda_alias" {
  override_during = plan
  defaults        = { arn = "arn:aws:lambda:::function:example:live", invoke_arn = "arn:aws:apigateway:::example" }
}

mock_resource "aws_sqs_queue" {
  override_during = plan
  defaults        = { arn = "arn:aws:sqs:::example", id = "https://sqs.example.com/example" }
}

mock_resource "aws_dynamodb_table" {
  override_during = plan
  defaults        = { arn = "arn:aws:dynamodb:::table/example" }
}

mock_resource "aws_secretsmanager_secret" {
  override_during = plan
  defaults        = { arn = "arn:aws:secretsmanager:::secret:example" }
}

mock_resource "aws_cloudwatch_event_bus" {
  override_during = plan
  defaults        = { arn = "arn:aws:events:::event-bus/facts" }
}

mock_resource "aws_cloudwatch_event_rule" {
  override_during = plan
  defaults        = { arn = "arn:aws:events:::rule/example" }
}

mock_resource "aws_ecr_repository" {
  override_during = plan
  defaults        = { arn = "arn:aws:ecr:::repository/example", repository_url = "registry.example/image" }
}

mock_resource "aws_apigatewayv2_api" {
  override_during = plan
  defaults        = { execution_arn = "arn:aws:execute-api:::example", api_endpoint = "https://api.example.com" }
}

mock_resource "aws_acm_certificate" {
  override_during = plan
  defaults = {
    arn = "arn:aws:acm:::certificate/example"
    domain_validation_options = [{
      domain_name           = "dispatcher.example.com"
      resource_record_name  = "_proof.dispatcher.example.com."
      resource_record_type  = "CNAME"
      resource_record_value = "_value.example.com."
    }]
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

mock_resource "aws_sns_topic" {
  override_during = plan
  defaults        = { arn = "arn:aws:sns:::alarms" }
}
