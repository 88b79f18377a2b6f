# The function as every stage gets it.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name        = "example-planner"
  description = "An example"
  image       = { uri = "registry.example/image@sha256:0000000000000000000000000000000000000000000000000000000000000000", command = "planner/index.handler" }
  limits      = { timeout_seconds = 60, memory_mb = 512 }
  environment = { LOG_LEVEL = "info" }
  log         = { retention_days = 30 }
  consumes    = { example = { queue_arn = "arn:aws:sqs:::example", concurrency = 5 } }
  permissions = [
    { sid = "Read", actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:::table/example"] }
  ]
}

run "makes_the_function_from_the_image" {
  command = plan

  assert {
    condition = (
      aws_lambda_function.this.package_type == "Image" && aws_lambda_function.this.image_uri == var.image.uri &&
      aws_lambda_function.this.image_config[0].command == tolist(["planner/index.handler"])
    )
    error_message = "The function runs the handler of the image that was named by digest."
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.this.function_version == aws_lambda_function.this.version
    error_message = "Every change is a version, and the alias names it."
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "PassThrough"
    error_message = "Tracing is an option."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/example-planner" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The log is kept for as long as it was said, and no longer."
  }

  assert {
    condition     = length(aws_lambda_function.this.vpc_config) == 0 && aws_lambda_function.this.kms_key_arn == null && aws_cloudwatch_log_group.this.log_group_class == "STANDARD"
    error_message = "Network and key are options, and metrics can be taken from the log."
  }
}

run "works_off_its_queues" {
  command = plan

  assert {
    condition     = aws_lambda_event_source_mapping.this["example"].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "A message that failed does not bring back the others."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["example"].scaling_config[0].maximum_concurrency == 5
    error_message = "Concurrency is bounded."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["example"].function_name == aws_lambda_alias.this.arn
    error_message = "The queue is worked off by the live version."
  }
}

run "has_a_queue_only_if_it_is_given_one" {
  command = plan

  variables {
    consumes = {}
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.this) == 0
    error_message = "There is no mapping."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this.policy, "sqs:")
    error_message = "There is no permission for queues."
  }
}

run "may_do_no_more_than_it_must" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => join(" ", sort(statement.Action))
      } == {
      OwnLog        = "logs:CreateLogStream logs:PutLogEvents"
      WorkOffQueues = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage"
      Read          = "dynamodb:GetItem"
    }
    error_message = "The role has the three statements that were meant."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : !contains(statement.Resource, "*")
    ])
    error_message = "Nothing is allowed on everything."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "lambda.amazonaws.com" }
    error_message = "Only Lambda takes the role."
  }
}

run "is_traced_where_that_is_wanted" {
  command = plan

  variables {
    tracing = true
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "Invocations are traced."
  }

  assert {
    condition     = output.permissions["OwnTraces"] == "xray:PutTelemetryRecords xray:PutTraceSegments on *"
    error_message = "The role may write traces; X-Ray knows no resources."
  }
}

run "alarms_on_what_it_is_asked_to" {
  command = plan

  variables {
    alarms = { about = ["errors", "throttles"], actions = ["arn:aws:sns:::alarms"] }
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["errors", "throttles"])
    error_message = "Errors and throttles are alarms."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset(["arn:aws:sns:::alarms"])])
    error_message = "The topic receives the alarm."
  }
}

run "has_no_alarms_of_its_own_otherwise" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0 && output.alarms == {}
    error_message = "Other alarms ring for it."
  }
}

run "refuses_alarms_about_anything_else" {
  command = plan
  variables {
    alarms = { about = ["duration"] }
  }
  expect_failures = [var.alarms]
}

run "takes_a_key_a_network_a_log_and_tags_of_yours" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:::key/example"
    vpc         = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    log         = { retention_days = 30, class = "INFREQUENT_ACCESS", kms_key_arn = "arn:aws:kms:::key/logs" }
    tags        = { owner = "platform" }
    alarms      = { about = ["errors"] }
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == "arn:aws:kms:::key/example"
    error_message = "The key encrypts the environment."
  }

  assert {
    condition = (
      aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1"]) && aws_lambda_function.this.vpc_config[0].security_group_ids == toset(["sg-1"])
    )
    error_message = "The function is in the network."
  }

  assert {
    condition     = toset(["OwnKey", "OwnNetworkInterfaces"]) == setintersection(keys(output.permissions), ["OwnKey", "OwnNetworkInterfaces"])
    error_message = "The role may use the key, and make network interfaces."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.log_group_class == "INFREQUENT_ACCESS" && aws_cloudwatch_log_group.this.kms_key_id == "arn:aws:kms:::key/logs"
    error_message = "The log is as it was said."
  }

  assert {
    condition = alltrue([
      for tags in concat(
        [aws_lambda_function.this.tags, aws_iam_role.this.tags, aws_cloudwatch_log_group.this.tags],
        [for mapping in aws_lambda_event_source_mapping.this : mapping.tags], [for alarm in aws_cloudwatch_metric_alarm.this : alarm.tags]
      ) : tags == tomap({ owner = "platform" })
    ])
    error_message = "Everything that can have tags has them."
  }
}

run "refuses_a_class_of_logs_that_there_is_not" {
  command = plan
  variables {
    log = { retention_days = 30, class = "DELIVERY" }
  }
  expect_failures = [var.log]
}

run "refuses_a_network_without_subnets" {
  command = plan
  variables {
    vpc = { subnet_ids = [], security_group_ids = ["sg-1"] }
  }
  expect_failures = [var.vpc]
}

run "refuses_wildcard_actions" {
  command = plan
  variables {
    permissions = [{ sid = "All", actions = ["dynamodb:*"], resources = ["arn:aws:dynamodb:::table/example"] }]
  }
  expect_failures = [var.permissions]
}

run "refuses_scans" {
  command = plan
  variables {
    permissions = [{ sid = "Scan", actions = ["dynamodb:Scan"], resources = ["arn:aws:dynamodb:::table/example"] }]
  }
  expect_failures = [var.permissions]
}

run "refuses_wildcard_resources" {
  command = plan
  variables {
    permissions = [{ sid = "Any", actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:::table/*"] }]
  }
  expect_failures = [var.permissions]
}

run "refuses_images_by_tag" {
  command = plan
  variables {
    image = { uri = "registry.example/image:latest", command = "planner/index.handler" }
  }
  expect_failures = [var.image]
}

run "refuses_private_keys_in_the_environment" {
  command = plan
  variables {
    environment = { KEY = "-----BEGIN PRIVATE KEY-----" }
  }
  expect_failures = [var.environment]
}

run "refuses_unbounded_concurrency" {
  command = plan
  variables {
    consumes = { example = { queue_arn = "arn:aws:sqs:::example", concurrency = 1 } }
  }
  expect_failures = [var.consumes]
}
