mock_provider "aws" {
  source = "../../mocks"
}

variables {
  region  = "eu-central-1"
  app_id  = 1
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
}

run "prod" {
  command = plan

  variables {
    stage   = "prod"
    account = { id = "ACCOUNT", concurrency = 1000 }
    domain  = { name = "dispatcher.example.com", zone_id = "EXAMPLEZONE" }
  }

  assert {
    condition     = output.webhook_url == "https://dispatcher.example.com/webhooks/github" && output.repository.name == "dispatcher-prod"
    error_message = "The stage has a name and a host name of its own."
  }
}

run "dev" {
  command = plan

  variables {
    stage   = "dev"
    account = { id = "ACCOUNT" }
    domain  = { name = "dispatcher-dev.example.com", zone_id = "EXAMPLEZONE" }
  }

  assert {
    condition     = output.webhook_url == "https://dispatcher-dev.example.com/webhooks/github" && output.repository.name == "dispatcher-dev"
    error_message = "dev fits a new account, and has the same under other names."
  }
}

run "no_third_stage" {
  command = plan

  variables {
    stage   = "test"
    account = { id = "ACCOUNT" }
    domain  = { name = "dispatcher-test.example.com", zone_id = "EXAMPLEZONE" }
  }

  expect_failures = [var.stage]
}
