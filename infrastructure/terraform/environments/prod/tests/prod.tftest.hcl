# The values of prod, through the whole system.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  region  = "eu-central-1"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
}

run "is_called_prod_and_finds_what_was_made_outside_by_name" {
  command = plan

  variables {
    policy  = { target_allowlist = ["example/*"] }
    account = { concurrency = 1000, alarm_topic = "alarms", permissions_boundary = "boundary", kms_key_id = "data", log_kms_key_id = "logs" }
  }

  assert {
    condition     = output.repository.name == "dispatcher-prod" && alltrue([for name in output.aliases : startswith(name, "dispatcher-prod-")])
    error_message = "Every name starts with the environment's."
  }

  assert {
    condition     = [for function in [var.functions.planner, var.functions.dispatcher, var.functions.facts] : function.concurrency] == [4, 4, 4]
    error_message = "So many batches of each queue are worked on at a time."
  }

  assert {
    condition     = toset(keys(output.versions)) == toset(output.aliases) && output.release.digest == var.release.digest && length(output.alarms) > 20
    error_message = "A deployment knows what is deployed, what each alias is to name, and which alarms to watch."
  }

  assert {
    condition     = local.alarm_topic_arn == "arn:aws:sns:eu-central-1::alarms"
    error_message = "The topic is in the environment's region and account."
  }

  assert {
    condition     = local.permissions_boundary_arn == "arn:aws:iam:::policy/boundary"
    error_message = "The boundary is in the environment's account."
  }

  assert {
    condition     = local.key_arn_prefix == "arn:aws:kms:eu-central-1::key"
    error_message = "The keys are in the environment's region and account."
  }

  assert {
    condition     = output.webhook_url == "${output.base_url}/webhooks/github" && toset(keys(output.secrets)) == toset(["webhook_secret", "private_key", "admin_token"])
    error_message = "The outputs say what to do next."
  }
}
