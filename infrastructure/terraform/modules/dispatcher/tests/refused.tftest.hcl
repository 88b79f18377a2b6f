# What is refused before anything is made.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "example-dev"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
  data    = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 90, archive_days = 30 }
}

run "a_tag_in_place_of_a_digest" {
  command = plan
  variables {
    release = { digest = "latest", version = "1.2.3" }
  }
  expect_failures = [var.release]
}

run "an_allowlist_without_an_owner" {
  command = plan
  variables {
    policy = { source_allowlist = ["shop"] }
  }
  expect_failures = [var.policy]
}

run "more_targets_than_the_code_takes" {
  command = plan
  variables {
    policy = { max_targets = 99 }
  }
  expect_failures = [var.policy]
}

run "a_chain_of_any_depth" {
  command = plan
  variables {
    policy = { max_chain_depth = 101 }
  }
  expect_failures = [var.policy]
}

run "github_without_tls" {
  command = plan
  variables {
    app = { id = 1, api_url = "http://github.example.com/api/v3" }
  }
  expect_failures = [var.app]
}

run "a_domain_that_is_an_address" {
  command = plan
  variables {
    domain = { name = "https://dispatcher.example.com", zone_id = "EXAMPLEZONE" }
  }
  expect_failures = [var.domain]
}

run "a_retention_that_cloudwatch_does_not_know" {
  command = plan
  variables {
    data = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 42, archive_days = 30 }
  }
  expect_failures = [var.data]
}

run "an_archive_for_ever" {
  command = plan
  variables {
    data = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 30, archive_days = 0 }
  }
  expect_failures = [var.data]
}

run "a_level_that_nobody_logs_at" {
  command = plan
  variables {
    log_level = "verbose"
  }
  expect_failures = [var.log_level]
}

run "a_variable_that_is_no_standard_one" {
  command = plan
  variables {
    environment = { GITHUB_WEBHOOK_SECRET = "x" }
  }
  expect_failures = [var.environment]
}

run "queues_that_leave_nothing_to_the_front_door" {
  command = plan
  variables {
    functions = { planner = { concurrency = 4 } }
  }
  expect_failures = [var.account_concurrency]
}

run "a_reservation_in_a_new_account" {
  command = plan
  variables {
    functions           = { ingress = { reserved_concurrency = 20 } }
    account_concurrency = 100
  }
  expect_failures = [var.account_concurrency]
}

run "a_key_by_its_alias" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:::alias/example"
  }
  expect_failures = [var.kms_key_arn]
}

run "a_network_without_security_groups" {
  command = plan
  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = [] }
  }
  expect_failures = [var.vpc]
}

run "a_class_of_logs_that_there_is_not" {
  command = plan
  variables {
    logs = { class = "DELIVERY" }
  }
  expect_failures = [var.logs]
}

run "more_days_than_dynamodb_goes_back" {
  command = plan
  variables {
    data = { deletion_protection = true, point_in_time_recovery = true, recovery_days = 36, log_retention_days = 30, archive_days = 30 }
  }
  expect_failures = [var.data]
}
