mock_provider "aws" {
  source = "../../mocks"
}

variables {
  region  = "eu-central-1"
  app_id  = 1
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
}

run "needs_three_values" {
  command = plan

  assert {
    condition     = output.webhook_url == "https://api.example.com/webhooks/github" && output.repository.name == "dispatcher-try"
    error_message = "The service has an address, and its image a registry."
  }
}
