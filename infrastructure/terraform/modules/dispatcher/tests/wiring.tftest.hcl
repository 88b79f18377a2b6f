# What there is and how it is wired, stage by stage.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::aws:role/example" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:::log-group:example" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:::function:example", invoke_arn = "arn:aws:apigateway:::example" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:::example" }
  }
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:::event-bus/facts" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:::rule/example" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "registry.example/image" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn                       = "arn:aws:acm:::certificate/example"
      domain_validation_options = [{ domain_name = "dispatcher.example.com", resource_record_name = "_proof.dispatcher.example.com", resource_record_type = "CNAME", resource_record_value = "_value.example.com" }]
    }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "" }
  }
}

variables {
  name    = "example-dev"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
  data    = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 90, archive_days = 30 }
}

run "receive" {
  assert {
    condition     = toset(keys(aws_apigatewayv2_route.this)) == toset(["ANY /webhooks/github", "GET /health", "ANY /admin", "ANY /admin/{path+}"])
    error_message = "The API answers exactly these routes."
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit > 0 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit > 0
    )
    error_message = "The API is throttled."
  }

  assert {
    condition = alltrue([
      for value in values(jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format)) : startswith(value, "$context.")
    ])
    error_message = "The access log is JSON."
  }

  assert {
    condition     = !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, "uthoriz") && !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, "querystring")
    error_message = "The access log holds nothing secret."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.retention_in_days == 90
    error_message = "The access log is kept for as long as it was said."
  }

  assert {
    condition     = aws_apigatewayv2_integration.this["ingress"].timeout_milliseconds > 1000 * module.ingress.timeout_seconds
    error_message = "API Gateway waits for as long as the function may take."
  }
}

run "plan_and_dispatch" {
  assert {
    condition = alltrue([
      for mapping in concat(values(module.planner.mappings), values(module.dispatcher.mappings), values(module.facts.mappings)) :
      mapping.response_types == toset(["ReportBatchItemFailures"]) && mapping.concurrency >= 2
    ])
    error_message = "Failed messages come back alone, and concurrency is bounded."
  }

  assert {
    condition = (
      module.plan_queue.visibility_seconds >= 6 * (module.planner.timeout_seconds + module.planner.mappings["plan"].window_seconds) &&
      module.report_queue.visibility_seconds >= 6 * module.dispatcher.timeout_seconds &&
      module.fact_queue.visibility_seconds >= 6 * module.facts.timeout_seconds
    )
    error_message = "A message stays hidden for six times what an invocation may take."
  }

  assert {
    condition = (
      module.order_queue.queue.name == "example-dev-order.fifo" && module.order_queue.dead_letters.name == "example-dev-order-dead.fifo" &&
      module.report_queue.queue.name == "example-dev-report"
    )
    error_message = "Orders come in groups, reports do not."
  }

  assert {
    condition     = module.order_queue.visibility_seconds >= module.dispatcher.timeout_seconds && module.order_queue.visibility_seconds <= 90
    error_message = "A group waits for a minute and a half after a crash, and an order is not shown while an invocation has it."
  }

  assert {
    condition = (
      toset(keys(module.dispatcher.mappings)) == toset(["order", "report"]) &&
      module.dispatcher.mappings["order"].batch_size == 1 && module.dispatcher.mappings["order"].window_seconds == 0
    )
    error_message = "Orders come one at a time, reports in batches."
  }

  assert {
    condition     = module.planner.mappings["plan"].batch_size == 50 && module.planner.mappings["plan"].window_seconds == 1
    error_message = "Runs of one moment are planned together, so that they share the requests for their configs."
  }
}

run "facts" {
  assert {
    condition     = aws_cloudwatch_event_target.facts.arn == module.fact_queue.queue.arn && aws_cloudwatch_event_target.facts.input_path == null
    error_message = "Whole events go to the fact queue."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.facts.event_pattern) == { source = ["dispatcher"] }
    error_message = "The rule takes every fact, and nothing else."
  }

  assert {
    condition     = aws_cloudwatch_event_target.facts.dead_letter_config[0].arn == aws_sqs_queue.undelivered.arn && aws_sqs_queue.undelivered.sqs_managed_sse_enabled
    error_message = "What cannot be delivered is kept, encrypted."
  }

  assert {
    condition = alltrue(flatten([
      for name, queue in { PLAN = module.plan_queue, ORDER = module.order_queue, REPORT = module.report_queue, FACT = module.fact_queue } : [
        module.facts.environment["${name}_QUEUE_URL"] == queue.queue.url,
        module.facts.environment["${name}_DEAD_LETTER_QUEUE_URL"] == queue.dead_letters.url
      ]
    ]))
    error_message = "The rollup has the addresses of all queues and their dead letters."
  }

  assert {
    condition     = aws_cloudwatch_event_archive.facts.retention_days == 30
    error_message = "Facts are archived."
  }

  assert {
    condition     = aws_cloudwatch_event_rule.minute.schedule_expression == "rate(1 minute)"
    error_message = "The rollup runs each minute."
  }

  assert {
    condition = (
      aws_lambda_permission.minute.qualifier == "rollup" && aws_lambda_function_event_invoke_config.rollup.maximum_retry_attempts == 0
    )
    error_message = "The rollup has an alias of its own, and is not repeated."
  }
}

run "sweep" {
  assert {
    condition     = aws_cloudwatch_event_rule.sweep[0].schedule_expression == "rate(5 minutes)"
    error_message = "A sweep begins every five minutes."
  }

  assert {
    condition     = module.sweeper[0].timeout_seconds < 300
    error_message = "A sweep ends before the next begins."
  }

  assert {
    condition = (
      aws_lambda_permission.sweep[0].qualifier == "live" && aws_lambda_function_event_invoke_config.sweep[0].maximum_retry_attempts == 0
    )
    error_message = "The schedule invokes the live version, and a sweep is not repeated."
  }

  assert {
    condition     = module.sweeper[0].environment["REDELIVERY_SWEEP"] == "true"
    error_message = "The function sweeps."
  }
}

run "without_a_sweep" {
  variables {
    redelivery_sweep = false
  }

  assert {
    condition = (
      length(module.sweeper) == 0 && length(aws_cloudwatch_event_rule.sweep) == 0 && length(aws_cloudwatch_metric_alarm.sweep_stale) == 0
    )
    error_message = "There is neither a function, nor a schedule, nor an alarm."
  }

  assert {
    condition     = length([for alias in output.aliases : alias if strcontains(alias, "sweeper")]) == 0
    error_message = "There is nothing to roll back."
  }
}

run "storage" {
  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this : table.hash_key == "pk" && table.range_key == "sk" && table.billing_mode == "PAY_PER_REQUEST"
    ])
    error_message = "The keys are those of the code, and capacity is on demand."
  }

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this : table.ttl[0].enabled && table.ttl[0].attribute_name == "expiresAt"
    ])
    error_message = "Items expire."
  }

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this :
      table.point_in_time_recovery[0].enabled && table.deletion_protection_enabled && table.server_side_encryption[0].enabled
    ])
    error_message = "The tables are encrypted and can neither be lost nor deleted by mistake."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : length(table.global_secondary_index) == 0])
    error_message = "The code needs no index."
  }
}

run "registry" {
  assert {
    condition = (
      aws_ecr_repository.image.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.image.image_scanning_configuration[0].scan_on_push &&
      !aws_ecr_repository.image.force_delete
    )
    error_message = "Tags keep their meaning, and images are scanned."
  }

  assert {
    condition     = length(jsondecode(aws_ecr_lifecycle_policy.image.policy).rules) == 2
    error_message = "Old images go."
  }
}

run "environment" {
  variables {
    policy = { source_allowlist = ["example/*", "other/shop"], create_issues = false, create_checks = false, close_issues = false }
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
      for function, environment in {
        ingress = module.ingress.environment, planner = module.planner.environment, dispatcher = module.dispatcher.environment
        facts   = module.facts.environment, sweeper = module.sweeper[0].environment, admin = module.admin[0].environment
      } : length(setsubtract(keys(environment), concat(jsondecode(file("contract.json")).functions[function].environment, jsondecode(file("contract.json")).standardVariables))) == 0
    ])
    error_message = "A function gets no variable that it does not read."
  }

  assert {
    condition     = !contains(keys(module.facts.environment), "GITHUB_APP_PRIVATE_KEY_ARN") && !contains(keys(module.ingress.environment), "GITHUB_APP_PRIVATE_KEY_ARN")
    error_message = "Who does not ask GitHub does not know of the key."
  }
}

run "secrets" {
  assert {
    condition     = toset(keys(aws_secretsmanager_secret.this)) == toset(["webhook_secret", "private_key", "admin_token"])
    error_message = "These are the secrets; their values are put in by people."
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.recovery_window_in_days == 30])
    error_message = "A secret that was deleted by mistake can be restored."
  }
}

run "alarms" {
  variables {
    alarms = { topic_arn = "arn:aws:sns:::alarms" }
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.server_errors, aws_cloudwatch_metric_alarm.rollup_stale, aws_cloudwatch_metric_alarm.undelivered],
        aws_cloudwatch_metric_alarm.sweep_stale, values(aws_cloudwatch_metric_alarm.table_throttles)
      ) : alarm.alarm_actions == toset(["arn:aws:sns:::alarms"]) && alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "The topic receives every alarm, and its end."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.rollup_stale.treat_missing_data == "breaching" &&
      aws_cloudwatch_metric_alarm.sweep_stale[0].treat_missing_data == "breaching"
    )
    error_message = "A rollup or a sweep that is not even tried is stale, too."
  }

  assert {
    condition = alltrue([
      for query in aws_cloudwatch_metric_alarm.rollup_stale.metric_query :
      query.metric[0].dimensions == tomap({ FunctionName = "example-dev-facts", Resource = "example-dev-facts:rollup" })
      if length(query.metric) > 0
    ])
    error_message = "Rollups are counted apart from records."
  }

  assert {
    # Four of the system, three tables, two for each of four queues, two for each of six functions.
    condition     = length(local.alarm_arns) == 4 + 3 + 2 * 4 + 2 * 6
    error_message = "The dashboard shows every alarm."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 9
    error_message = "The dashboard has its alarms and eight graphs."
  }
}

run "no_one_is_notified_without_a_topic" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.server_errors.alarm_actions) == 0
    error_message = "The topic is optional."
  }
}

run "a_domain_of_its_own" {
  variables {
    domain = { name = "dispatcher.example.com", zone_id = "EXAMPLEZONE" }
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
}

run "without_a_domain" {
  assert {
    condition     = length(aws_acm_certificate.this) == 0 && length(aws_route53_record.address) == 0 && !aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "The API is at its own address."
  }
}

run "without_a_dashboard" {
  variables {
    dashboard = false
  }

  assert {
    condition     = toset(keys(aws_apigatewayv2_route.this)) == toset(["ANY /webhooks/github", "GET /health"]) && output.dashboard_url == null
    error_message = "There is no /admin."
  }

  assert {
    condition     = !contains(keys(aws_secretsmanager_secret.this), "admin_token")
    error_message = "There is no token to get in with."
  }
}

run "aliases_to_roll_back" {
  assert {
    condition = toset(output.aliases) == toset([
      "example-dev-ingress:live", "example-dev-planner:live", "example-dev-dispatcher:live", "example-dev-facts:live",
      "example-dev-sweeper:live", "example-dev-admin:live", "example-dev-facts:rollup"
    ])
    error_message = "A rollback knows every alias."
  }
}

run "standard_variables" {
  variables {
    environment = { OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318", HTTPS_PROXY = "http://proxy:3128" }
  }

  assert {
    condition = alltrue([
      for environment in [
        module.ingress.environment, module.planner.environment, module.dispatcher.environment,
        module.facts.environment, module.sweeper[0].environment, module.admin[0].environment
      ] : environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector:4318" && environment["HTTPS_PROXY"] == "http://proxy:3128" && !contains(keys(environment), "NO_PROXY")
    ])
    error_message = "Every function has the standard variables that are set, and no others."
  }
}
