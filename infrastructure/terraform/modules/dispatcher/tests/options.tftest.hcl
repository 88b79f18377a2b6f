# Each option taken; that it can be left out, wiring.tftest.hcl shows.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "example-dev"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
  data    = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 90, archive_days = 30 }
}

run "everything_of_yours" {
  command = plan

  variables {
    alarms      = { topic_arn = "arn:aws:sns:::alarms" }
    kms_key_arn = "arn:aws:kms:::key/example"
    vpc         = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    logs        = { kms_key_arn = "arn:aws:kms:::key/logs" }
    log_level   = "warn"
    tracing     = true
    release     = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3", architecture = "x86_64" }
    tags        = { all = { owner = "platform" }, tables = { backup = "daily" }, functions = { owner = "lambda" } }
    throttling  = { rate = 20, burst = 30, admin_rate = 1, admin_burst = 2 }
    policy      = { source_allowlist = ["example/*", "other/shop"], create_issues = false, create_checks = false, close_issues = false }
    environment = { OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318", HTTPS_PROXY = "http://proxy:3128" }
    domain      = { name = "dispatcher.example.com", zone_id = "EXAMPLEZONE" }
    functions   = { ingress = { reserved_concurrency = 10 }, planner = { concurrency = 20 } }

    account_concurrency  = 1000
    cloudwatch_dashboard = true
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets) == 1 + 4 + 8
    error_message = "CloudWatch's dashboard has the alarms, four graphs of own metrics and eight others."
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.server_errors, aws_cloudwatch_metric_alarm.rollup_stale, aws_cloudwatch_metric_alarm.undelivered],
        aws_cloudwatch_metric_alarm.sweep_stale, values(aws_cloudwatch_metric_alarm.table_throttles), values(aws_cloudwatch_metric_alarm.own)
      ) : alarm.alarm_actions == toset(["arn:aws:sns:::alarms"]) && alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "The topic receives every alarm, and its end."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.rollup_stale.insufficient_data_actions == toset(["arn:aws:sns:::alarms"])
    error_message = "So it does where nothing is tried."
  }

  assert {
    condition = alltrue(concat(
      [for table in aws_dynamodb_table.this : table.server_side_encryption[0].kms_key_arn == "arn:aws:kms:::key/example"],
      [for secret in aws_secretsmanager_secret.this : secret.kms_key_id == "arn:aws:kms:::key/example"],
      [aws_sqs_queue.undelivered.kms_master_key_id == "arn:aws:kms:::key/example", !aws_sqs_queue.undelivered.sqs_managed_sse_enabled],
      [aws_cloudwatch_event_bus.facts.kms_key_identifier == "arn:aws:kms:::key/example"],
      [aws_cloudwatch_event_archive.facts.kms_key_identifier == "arn:aws:kms:::key/example"]
    ))
    error_message = "The key encrypts everything that is kept."
  }

  assert {
    condition = alltrue([for permissions in [
      module.ingress.permissions, module.planner.permissions, module.dispatcher.permissions, module.facts.permissions,
      module.rollup.permissions, module.sweeper[0].permissions, module.admin[0].permissions
      ] :
      permissions["OwnKey"] == "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey on arn:aws:kms:::key/example" &&
      contains(keys(permissions), "OwnNetworkInterfaces") && contains(keys(permissions), "OwnTraces")
    ])
    error_message = "Every function may use the key, have its network interfaces, and write its traces."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.kms_key_id == "arn:aws:kms:::key/logs" && aws_cloudwatch_log_group.access.log_group_class == "STANDARD"
    error_message = "Logs have a key of their own."
  }

  assert {
    condition = (
      alltrue([for table in aws_dynamodb_table.this : table.tags == tomap({ owner = "platform", backup = "daily" })]) &&
      alltrue([for secret in aws_secretsmanager_secret.this : secret.tags == tomap({ owner = "platform" })]) &&
      aws_apigatewayv2_api.this.tags == tomap({ owner = "platform" }) && module.ingress.tags == tomap({ owner = "lambda" })
    )
    error_message = "Tags are everything's, and further ones are those of a kind."
  }

  assert {
    condition     = module.planner.environment["LOG_LEVEL"] == "warn" && module.planner.architecture == "x86_64"
    error_message = "Level and architecture reach the functions."
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 20 &&
      alltrue([for settings in aws_apigatewayv2_stage.this.route_settings : settings.throttling_rate_limit == 1 && settings.throttling_burst_limit == 2])
    )
    error_message = "The front door takes as much as it was said."
  }

  assert {
    condition     = module.planner.environment["SOURCE_REPO_ALLOWLIST"] == "example/*,other/shop" && module.planner.environment["CREATE_ISSUES"] == "false" && module.planner.environment["CREATE_CHECKS"] == "false" && module.planner.environment["CLOSE_ISSUES"] == "false"
    error_message = "The policy reaches the function."
  }

  assert {
    condition     = !contains(keys(module.planner.environment), "TARGET_REPO_ALLOWLIST") && !contains(keys(module.planner.environment), "GITHUB_API_URL")
    error_message = "What is not given is not set, so that the code's default holds."
  }

  assert {
    condition = alltrue([
      for environment in [
        module.ingress.environment, module.planner.environment, module.dispatcher.environment,
        module.facts.environment, module.rollup.environment, module.sweeper[0].environment, module.admin[0].environment
      ] : environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector:4318" && environment["HTTPS_PROXY"] == "http://proxy:3128" && !contains(keys(environment), "NO_PROXY")
    ])
    error_message = "Every function has the standard variables that are set, and no others."
  }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "There is no second address."
  }

  assert {
    condition     = output.webhook_url == "https://dispatcher.example.com/webhooks/github"
    error_message = "The webhook is at the domain."
  }

  assert {
    condition     = aws_apigatewayv2_domain_name.this["dispatcher.example.com"].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "TLS 1.2 is the least."
  }

  assert {
    condition     = aws_route53_record.address["dispatcher.example.com"].zone_id == "EXAMPLEZONE"
    error_message = "The record is in the zone."
  }

  assert {
    condition = (
      aws_route53_record.proof["dispatcher.example.com"].name == "_proof.dispatcher.example.com." &&
      length(output.domain.validation_records) == 1
    )
    error_message = "The certificate is proven in the zone."
  }
}

run "a_domain_elsewhere_before_it_is_proven" {
  command = plan

  variables {
    domain = { name = "dispatcher.example.com", sole_address = true }
  }

  assert {
    condition = output.domain.validation_records == [
      { name = "_proof.dispatcher.example.com.", type = "CNAME", value = "_value.example.com." }
    ]
    error_message = "The record that proves the domain is known."
  }

  assert {
    condition = (
      length(aws_acm_certificate_validation.this) == 0 && length(aws_apigatewayv2_domain_name.this) == 0 && output.domain.target_name == null &&
      !aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.base_url == "https://api.example.com"
    )
    error_message = "Nothing waits for the record, and the service stays where it is."
  }
}

run "a_domain_elsewhere_that_is_proven" {
  command = plan

  variables {
    domain = { name = "dispatcher.example.com", validated = true }
    logs   = { class = "INFREQUENT_ACCESS" }

    cloudwatch_dashboard = true
  }

  assert {
    condition = (
      length(aws_route53_record.proof) == 0 && length(aws_route53_record.address) == 0 &&
      aws_acm_certificate_validation.this["dispatcher.example.com"].validation_record_fqdns == null
    )
    error_message = "Records are a person's."
  }

  assert {
    condition     = output.base_url == "https://dispatcher.example.com" && !aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "The domain is served, and so is the old address, until the name leads here."
  }

  # Logs of the class INFREQUENT_ACCESS

  assert {
    condition     = aws_cloudwatch_log_group.access.log_group_class == "INFREQUENT_ACCESS"
    error_message = "The class reaches the logs."
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.own) == 0 && length(aws_cloudwatch_log_metric_filter.answers) == 0 &&
      length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets) == 1 + 8
    )
    error_message = "There is no alarm that could never ring."
  }
}

run "one_address_alone" {
  command = plan

  variables {
    domain = { name = "dispatcher.example.com", validated = true, sole_address = true }
  }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "API Gateway's own address is switched off."
  }
}

run "without_point_in_time_recovery" {
  command = plan

  variables {
    data = { deletion_protection = false, point_in_time_recovery = false, log_retention_days = 7, archive_days = 7 }
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : !table.point_in_time_recovery[0].enabled])
    error_message = "No table is kept twice."
  }
}
