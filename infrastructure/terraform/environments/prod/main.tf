# The system that people rely on: nothing of it can be deleted by accident, and what cannot be made anew can be restored to any second of the last 35 days.

provider "aws" {
  region = var.region

  default_tags {
    tags = { system = "dispatcher", environment = "prod" }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  account    = data.aws_caller_identity.current.account_id

  alarm_topic_arn = (
    var.account.alarm_topic == null ? null : "${local.arn_prefix}:sns:${var.region}:${local.account}:${var.account.alarm_topic}"
  )
  key_arn_prefix = "${local.arn_prefix}:kms:${var.region}:${local.account}:key"
  permissions_boundary_arn = (
    var.account.permissions_boundary == null ? null : "${local.arn_prefix}:iam::${local.account}:policy/${var.account.permissions_boundary}"
  )
}

module "dispatcher" {
  source = "../../modules/dispatcher"

  name             = "dispatcher-prod"
  release          = var.release
  secrets_revision = var.secrets_revision
  app              = var.app
  policy           = var.policy
  environment      = var.environment
  domain           = var.domain
  redelivery_sweep = var.redelivery_sweep
  functions        = var.functions
  throttling       = var.throttling
  log_level        = var.log_level
  tracing          = var.tracing
  vpc              = var.vpc
  tags             = var.tags

  cloudwatch_dashboard = var.cloudwatch_dashboard

  account_concurrency = var.account.concurrency
  kms_key_arn         = var.account.kms_key_id == null ? null : "${local.key_arn_prefix}/${var.account.kms_key_id}"

  logs = {
    class       = var.logs.class
    kms_key_arn = var.account.log_kms_key_id == null ? null : "${local.key_arn_prefix}/${var.account.log_kms_key_id}"
  }

  permissions_boundary_arn = local.permissions_boundary_arn

  data = {
    deletion_protection    = true
    point_in_time_recovery = true
    log_retention_days     = 90
    archive_days           = 90
  }

  alarms = {
    topic_arn              = local.alarm_topic_arn
    oldest_message_seconds = 900
  }
}
