# The values of dev, through the whole system.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  region  = "eu-central-1"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
}

run "is_called_dev" {
  command = plan

  variables {
    policy = { target_allowlist = ["example/*"] }
  }

  assert {
    condition     = output.repository.name == "dispatcher-dev" && alltrue([for name in output.aliases : startswith(name, "dispatcher-dev-")])
    error_message = "Every name starts with the environment's."
  }

  assert {
    condition     = [for function in [var.functions.planner, var.functions.dispatcher, var.functions.facts] : function.concurrency] == [2, 2, 2]
    error_message = "So many batches of each queue are worked on at a time."
  }

  assert {
    condition     = toset(keys(output.versions)) == toset(output.aliases) && output.release.digest == var.release.digest && length(output.alarms) > 20
    error_message = "A deployment knows what is deployed, what each alias is to name, and which alarms to watch."
  }

  assert {
    condition     = local.alarm_topic_arn == null && local.permissions_boundary_arn == null
    error_message = "What was made outside is optional."
  }

  assert {
    condition     = output.webhook_url == "${output.base_url}/webhooks/github" && toset(keys(output.secrets)) == toset(["webhook_secret", "private_key", "admin_token"])
    error_message = "The outputs say what to do next."
  }
}
