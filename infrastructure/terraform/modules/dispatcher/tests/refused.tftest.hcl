# What is refused before anything is made. Each run refuses one value of several variables, for a run takes as long for one as for ten.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "example-dev"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
  data    = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 90, archive_days = 30 }
}

run "values_that_there_cannot_be" {
  command = plan

  variables {
    # A tag may change its meaning.
    release = { digest = "latest", version = "1.2.3" }
    # GitHub without TLS.
    app = { id = 1, api_url = "http://github.example.com/api/v3" }
    # An allowlist without an owner.
    policy = { source_allowlist = ["shop"] }
    # An address, and no host name.
    domain = { name = "https://dispatcher.example.com", zone_id = "EXAMPLEZONE" }
    # CloudWatch does not know this retention.
    data      = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 42, archive_days = 30 }
    log_level = "verbose"
    # Only standard variables can be set.
    environment = { GITHUB_WEBHOOK_SECRET = "x" }
    # An alias can be given another key.
    kms_key_arn = "arn:aws:kms:::alias/example"
    # A network without security groups.
    vpc  = { subnet_ids = ["subnet-1"], security_group_ids = [] }
    logs = { class = "DELIVERY" }
    # Nothing would be left to the front door.
    functions = { planner = { concurrency = 4 } }
  }

  expect_failures = [
    var.release, var.app, var.policy, var.domain, var.data, var.log_level, var.environment, var.kms_key_arn, var.vpc, var.logs, var.account_concurrency
  ]
}

run "more_than_there_is" {
  command = plan

  variables {
    # More targets than the code takes.
    policy = { max_targets = 99 }
    # DynamoDB goes back 35 days.
    data = { deletion_protection = true, point_in_time_recovery = true, recovery_days = 36, log_retention_days = 30, archive_days = 30 }
    # Lambda leaves 100 without a reservation.
    functions           = { ingress = { reserved_concurrency = 20 } }
    account_concurrency = 100
    # A limit of nothing lets nothing in.
    throttling = { admin_rate = 0 }
  }

  expect_failures = [var.policy, var.data, var.account_concurrency, var.throttling]
}

run "a_reservation_in_a_new_account" {
  command = plan

  variables {
    functions = { rollup = { reserved_concurrency = 1 } }
  }

  expect_failures = [var.account_concurrency]
}

run "what_never_ends" {
  command = plan

  variables {
    # A chain of any depth.
    policy = { max_chain_depth = 101 }
    # An archive for ever.
    data = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 30, archive_days = 0 }
  }

  expect_failures = [var.policy, var.data]
}
