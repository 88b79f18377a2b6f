# What there is and how it is wired, stage by stage, as it comes. Asserts about one plan stand in one run: planning is what takes time.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "example-dev"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
  data    = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 90, archive_days = 30 }
}

run "as_it_comes" {
  command = plan

  # Receive

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
      for name, value in jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format) :
      name == "deployment" ? value == "example-dev" : startswith(value, "$context.")
    ])
    error_message = "The access log is JSON, and says whose it is, as its metrics do."
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

  assert {
    condition = { for settings in aws_apigatewayv2_stage.this.route_settings : settings.route_key => settings.throttling_rate_limit } == {
      "ANY /admin" = 50, "ANY /admin/{path+}" = 50
    }
    error_message = "The dashboard takes nothing away from GitHub."
  }

  # Plan and Dispatch

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
      module.order_queue.visibility_seconds >= 6 * module.dispatcher.timeout_seconds &&
      module.report_queue.visibility_seconds >= 6 * (module.dispatcher.timeout_seconds + module.dispatcher.mappings["report"].window_seconds) &&
      module.fact_queue.visibility_seconds >= 6 * (module.facts.timeout_seconds + module.facts.mappings["fact"].window_seconds)
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
    condition     = module.order_queue.visibility_seconds == jsondecode(file("contract.json")).queues.order.visibilitySeconds
    error_message = "The code knows for how long a group waits after a crash."
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

  assert {
    condition     = output.concurrency == { queues = 8, account = 10 }
    error_message = "A new account runs 10 functions at a time, and 2 of them are the front door's."
  }

  # Record and Rollup

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
        module.rollup.environment["${name}_QUEUE_URL"] == queue.queue.url,
        module.rollup.environment["${name}_DEAD_LETTER_QUEUE_URL"] == queue.dead_letters.url
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
      aws_lambda_permission.minute.function_name == "example-dev-rollup" && aws_lambda_permission.minute.qualifier == "live" &&
      aws_lambda_function_event_invoke_config.rollup.maximum_retry_attempts == 0
    )
    error_message = "The schedule invokes the live version of a function that has nothing else to do, and a rollup is not repeated."
  }

  assert {
    condition     = length(module.rollup.mappings) == 0
    error_message = "Nothing but the schedule invokes the rollup, so that one instance has all ticks."
  }

  # Sweep

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

  # Storage

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
    condition     = alltrue([for table in aws_dynamodb_table.this : table.deletion_protection_enabled && table.server_side_encryption[0].enabled])
    error_message = "The tables are encrypted and cannot be deleted by mistake."
  }

  assert {
    condition = { for name, table in aws_dynamodb_table.this : name => table.point_in_time_recovery[0].enabled } == {
      ledger = true, events = true, projections = false
    }
    error_message = "What cannot be made anew can be restored to any second; what can be is not kept twice."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : length(table.global_secondary_index) == 0])
    error_message = "The code needs no index."
  }

  # Registry

  assert {
    condition = (
      aws_ecr_repository.image.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.image.image_scanning_configuration[0].scan_on_push &&
      !aws_ecr_repository.image.force_delete
    )
    error_message = "Tags keep their meaning, and images are scanned."
  }

  assert {
    condition = [for rule in jsondecode(aws_ecr_lifecycle_policy.image.policy).rules : {
      about = try(rule.selection.tagPrefixList, rule.selection.tagStatus), count = rule.selection.countNumber
      }] == [
      { about = "untagged", count = 7 }, { about = ["deployed-"], count = 500 }, { about = "any", count = 30 }
    ]
    error_message = "Old images go, but for those that were deployed: their rule comes before the one that is about any."
  }

  # Environment

  assert {
    condition = alltrue([
      for function, environment in {
        ingress = module.ingress.environment, planner = module.planner.environment, dispatcher = module.dispatcher.environment
        facts   = module.facts.environment, rollup = module.rollup.environment, sweeper = module.sweeper[0].environment
        admin   = module.admin[0].environment
        } : length(setsubtract(keys(environment), concat(
          jsondecode(file("contract.json")).functions[function].environment, jsondecode(file("contract.json")).standardVariables
      ))) == 0 && environment["DEPLOYMENT"] == "example-dev"
    ])
    error_message = "A function gets no variable that it does not read, and the name that its metrics are to have."
  }

  assert {
    condition     = !contains(keys(module.facts.environment), "GITHUB_APP_PRIVATE_KEY_ARN") && !contains(keys(module.ingress.environment), "GITHUB_APP_PRIVATE_KEY_ARN")
    error_message = "Who does not ask GitHub does not know of the key."
  }

  # Secrets

  assert {
    condition     = toset(keys(aws_secretsmanager_secret.this)) == toset(["webhook_secret", "private_key", "admin_token"])
    error_message = "These are the secrets; their values are put in by people."
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.recovery_window_in_days == 30])
    error_message = "A secret that was deleted by mistake can be restored."
  }

  # Alarms and the dashboard in CloudWatch

  assert {
    condition = alltrue([
      for alarm in [aws_cloudwatch_metric_alarm.rollup_stale, aws_cloudwatch_metric_alarm.sweep_stale[0]] :
      alarm.treat_missing_data == "missing" && alarm.insufficient_data_actions == alarm.alarm_actions
    ])
    error_message = "A rollup or a sweep that is not even tried notifies, but a new alarm does not."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.rollup_stale.evaluation_periods == 5 && aws_cloudwatch_metric_alarm.sweep_stale[0].evaluation_periods == 6
    )
    error_message = "Five rollups, or half an hour of sweeps, in a row."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.rollup_stale.dimensions == tomap({ FunctionName = "example-dev-rollup" })
    error_message = "The invocations of the rollup's function are rollups."
  }

  assert {
    condition = alltrue([
      for alarm in [aws_cloudwatch_metric_alarm.rollup_stale, aws_cloudwatch_metric_alarm.sweep_stale[0]] :
      alarm.metric_name == "Errors" && alarm.statistic == "Minimum" && alarm.threshold == 0 && alarm.comparison_operator == "GreaterThanThreshold"
    ])
    error_message = "They ring where not one invocation of a period succeeded."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.own :
      alarm.namespace == "Dispatcher" && alarm.dimensions == tomap({ Deployment = "example-dev" }) && alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "The functions' own metrics are this deployment's, and where there are none, none rings."
  }

  assert {
    condition = toset([for alarm in aws_cloudwatch_metric_alarm.own : alarm.metric_name]) == toset([
      "OldestUnplannedAge", "OldestUnsettledAge", "Health", "UnknownOutcomes", "RefusedSignatures", "WriteConflicts", "Unauthorized", "ThrottledRequests"
    ])
    error_message = "Each of the metrics but the number of dead letters, which the queues have themselves, is watched."
  }

  assert {
    condition = { for filter in aws_cloudwatch_log_metric_filter.answers : filter.pattern => filter.metric_transformation[0].name } == {
      "{ $.status = \"401\" }" = "Unauthorized", "{ $.status = \"429\" }" = "ThrottledRequests"
    }
    error_message = "The front door's refusals are counted."
  }

  assert {
    condition = alltrue([
      for filter in aws_cloudwatch_log_metric_filter.answers :
      filter.metric_transformation[0].dimensions == tomap({ Deployment = "$.deployment" }) && filter.metric_transformation[0].namespace == "Dispatcher"
    ])
    error_message = "They are this deployment's."
  }

  assert {
    # Four of the system, three tables, eight of its own metrics, two for each of four queues and one more for the FIFO queue; the errors of
    # three functions, and the throttles of one.
    condition     = length(output.alarms) == 4 + 3 + 8 + 2 * 4 + 1 + 4 && alltrue([for name in output.alarms : startswith(name, "example-dev-")])
    error_message = "Every alarm is known by its name."
  }

  assert {
    condition = setsubtract(output.alarms, [for name in output.alarms : name if !can(regex("-(errors|throttles)$", name))]) == toset([
      "example-dev-planner-errors", "example-dev-dispatcher-errors", "example-dev-facts-errors", "example-dev-facts-throttles",
      "example-dev-ledger-throttles", "example-dev-events-throttles", "example-dev-projections-throttles", "example-dev-server-errors"
    ])
    error_message = "What becomes of invocations alarms once, wherever it shows first."
  }

  # What stands in the account and costs, whatever arrives: bench/cost reads the same file.

  assert {
    condition = jsondecode(file("tests/standing.json")) == {
      alarms = length(output.alarms)
      # The rollup's statistic is the maximum of what is so; what is counted is summed. Dead letters are shown, and alarm by themselves.
      metrics     = length([for alarm in aws_cloudwatch_metric_alarm.own : alarm if alarm.statistic == "Maximum"]) + 1
      rareMetrics = length([for alarm in aws_cloudwatch_metric_alarm.own : alarm if alarm.statistic == "Sum"])
      dashboards  = length(aws_cloudwatch_dashboard.this)
      secrets     = length(aws_secretsmanager_secret.this)
    }
    error_message = "The cost table has another number of alarms, metrics, dashboards or secrets: correct tests/standing.json, and make the table again (npm run bench cost)."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.server_errors.alarm_actions) == 0
    error_message = "The topic is optional."
  }

  # Without a domain

  assert {
    condition     = length(aws_acm_certificate.this) == 0 && length(aws_route53_record.address) == 0 && !aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "The API is at its own address."
  }

  assert {
    condition     = output.domain == null
    error_message = "Nothing is to be said in DNS."
  }

  # Deployments and rollbacks

  assert {
    condition = toset(output.aliases) == toset([
      "example-dev-ingress:live", "example-dev-planner:live", "example-dev-dispatcher:live", "example-dev-facts:live",
      "example-dev-rollup:live", "example-dev-sweeper:live", "example-dev-admin:live"
    ])
    error_message = "A rollback knows every alias."
  }

  assert {
    condition     = output.versions == { for alias in output.aliases : alias => "1" } && output.release.version == "1.2.3"
    error_message = "A deployment knows what each alias is to name, and what is deployed."
  }

  # Options

  assert {
    condition = (
      aws_sqs_queue.undelivered.sqs_managed_sse_enabled && aws_sqs_queue.undelivered.kms_master_key_id == null &&
      alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == null]) && aws_cloudwatch_event_bus.facts.kms_key_identifier == null
    )
    error_message = "Without a key of its own, AWS's keys encrypt."
  }

  assert {
    condition     = alltrue([for statement in keys(module.planner.permissions) : !contains(["OwnKey", "OwnNetworkInterfaces", "OwnTraces"], statement)])
    error_message = "Nothing is allowed for options that are not taken."
  }
}

run "without_a_sweep_and_a_dashboard" {
  command = plan

  variables {
    redelivery_sweep = false
    dashboard        = false
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

  assert {
    condition     = toset(keys(aws_apigatewayv2_route.this)) == toset(["ANY /webhooks/github", "GET /health"]) && output.dashboard_url == null
    error_message = "There is no /admin."
  }

  assert {
    condition     = !contains(keys(aws_secretsmanager_secret.this), "admin_token")
    error_message = "There is no token to get in with."
  }
}
