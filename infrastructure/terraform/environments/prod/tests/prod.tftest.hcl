# The values of prod, through the whole system.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  region  = "eu-central-1"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
}

run "is_called_prod" {
  command = plan

  assert {
    condition     = output.repository.name == "dispatcher-prod" && alltrue([for name in output.aliases : startswith(name, "dispatcher-prod-")])
    error_message = "Every name starts with the environment's."
  }
}

run "finds_what_was_made_outside_by_name" {
  command = plan

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
  command = plan

  variables {
    policy = { target_allowlist = ["example/*"] }
  }

  assert {
    condition     = output.webhook_url == "${output.base_url}/webhooks/github" && toset(keys(output.secrets)) == toset(["webhook_secret", "private_key", "admin_token"])
    error_message = "The outputs say what to do next."
  }
}
