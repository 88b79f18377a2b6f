# dev and prod, each in an AWS account of its own, each under a host name of its own. This root is applied once with each account's credentials,
# state and values, and refuses the credentials of the other:
#
#   terraform init -reconfigure -backend-config=dev.backend.hcl && terraform apply -var-file=dev.tfvars
#   terraform init -reconfigure -backend-config=prod.backend.hcl && terraform apply -var-file=prod.tfvars

terraform {
  backend "s3" {}
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account.id]

  default_tags {
    tags = { system = "dispatcher", environment = var.stage }
  }
}

locals {
  # What differs between the stages, side by side.
  stages = {
    dev  = { keep = false, days = 7, concurrency = 2, log_level = "debug" }
    prod = { keep = true, days = 90, concurrency = 4, log_level = null }
  }
  stage = local.stages[var.stage]
}

module "dispatcher" {
  # From elsewhere: git::https://github.com/OWNER/dispatcher.git//infrastructure/terraform/modules/dispatcher?ref=v1.0.0
  source = "../../modules/dispatcher"

  name      = "dispatcher-${var.stage}"
  release   = var.release
  app       = { id = var.app_id }
  domain    = var.domain
  log_level = local.stage.log_level
  alarms    = { topic_arn = aws_sns_topic.alarms.arn }

  account_concurrency = var.account.concurrency
  functions = {
    planner    = { concurrency = local.stage.concurrency }
    dispatcher = { concurrency = local.stage.concurrency }
    facts      = { concurrency = local.stage.concurrency }
  }

  data = {
    deletion_protection    = local.stage.keep
    point_in_time_recovery = local.stage.keep
    log_retention_days     = local.stage.days
    archive_days           = local.stage.days
  }

  # A plan of AWS Backup that selects by this tag keeps copies for longer than 35 days, or in another account.
  tags = { tables = { backup = local.stage.keep ? "daily" : "none" } }
}

# Subscribe to it: aws sns subscribe --protocol email --notification-endpoint you@example.com --topic-arn …
resource "aws_sns_topic" "alarms" {
  name = "dispatcher-${var.stage}-alarms"
}
