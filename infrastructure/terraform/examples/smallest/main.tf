# The smallest dispatcher: one account, the address that API Gateway gives it, state beside this file. For trying it out; infrastructure/README.md
# says how image and secrets get there, and what to do on GitHub.

provider "aws" {
  region = var.region

  default_tags {
    tags = { system = "dispatcher", environment = "try" }
  }
}

module "dispatcher" {
  # From elsewhere: git::https://github.com/OWNER/dispatcher.git//infrastructure/terraform/modules/dispatcher?ref=v1.0.0
  source = "../../modules/dispatcher"

  name    = "dispatcher-try"
  release = var.release
  app     = { id = var.app_id }

  data = {
    deletion_protection    = false
    point_in_time_recovery = false
    log_retention_days     = 7
    archive_days           = 7
  }
}
