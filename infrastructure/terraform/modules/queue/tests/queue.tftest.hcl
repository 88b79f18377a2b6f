mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name     = "example-plan"
  delivery = { max_receives = 1000, retention_days = 14, consumer_seconds = 61 }
  alarm    = { oldest_message_seconds = 900, actions = ["arn:aws:sns:::alarms"] }
}

override_resource {
  target          = aws_sqs_queue.main
  override_during = plan
  values          = { arn = "arn:aws:sqs:::main" }
}

override_resource {
  target          = aws_sqs_queue.dead
  override_during = plan
  values          = { arn = "arn:aws:sqs:::dead" }
}

run "gives_up_into_its_dead_letter_queue" {
  command = plan

  assert {
    condition = jsondecode(aws_sqs_queue.main.redrive_policy) == {
      deadLetterTargetArn = "arn:aws:sqs:::dead", maxReceiveCount = 1000
    }
    error_message = "Messages that were received too often go to the dead-letter queue."
  }

  assert {
    condition = jsondecode(aws_sqs_queue_redrive_allow_policy.dead.redrive_allow_policy) == {
      redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:::main"]
    }
    error_message = "No other queue gives up into it."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.main.redrive_allow_policy).redrivePermission == "denyAll"
    error_message = "No queue gives up into the main queue."
  }

  assert {
    condition     = aws_sqs_queue.dead.message_retention_seconds == 14 * 86400 && aws_sqs_queue.main.message_retention_seconds == 14 * 86400
    error_message = "Messages and dead letters are kept for as long as SQS can."
  }
}

run "hides_messages_for_six_times_the_consumers_time" {
  command = plan

  assert {
    condition     = aws_sqs_queue.main.visibility_timeout_seconds == 366
    error_message = "Visibility is six times the time that an invocation may take."
  }

  assert {
    condition     = aws_sqs_queue.main.name == "example-plan" && aws_sqs_queue.main.fifo_queue != true
    error_message = "It is a standard queue."
  }
}

run "has_groups_where_it_is_fifo" {
  command = plan

  variables {
    fifo     = true
    delivery = { max_receives = 1000, retention_days = 14, consumer_seconds = 60 }
  }

  assert {
    condition     = aws_sqs_queue.main.fifo_queue && aws_sqs_queue.main.name == "example-plan.fifo"
    error_message = "The queue is a FIFO queue."
  }

  assert {
    condition     = aws_sqs_queue.dead.fifo_queue && aws_sqs_queue.dead.name == "example-plan-dead.fifo"
    error_message = "A FIFO queue gives up into a FIFO queue."
  }

  assert {
    condition     = aws_sqs_queue.main.deduplication_scope == "messageGroup" && aws_sqs_queue.main.fifo_throughput_limit == "perMessageGroupId"
    error_message = "Groups do not share a limit."
  }

  assert {
    condition = (
      aws_sqs_queue.dead.deduplication_scope == "messageGroup" && aws_sqs_queue.dead.fifo_throughput_limit == "perMessageGroupId"
    )
    error_message = "Neither do those of dead letters, nor are two of different groups taken for one."
  }

  assert {
    condition     = aws_sqs_queue.main.visibility_timeout_seconds == 360
    error_message = "Of a group, too, a message is hidden for six times the consumer's time."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.in_flight[0].metric_name == "ApproximateNumberOfMessagesNotVisible" &&
      aws_cloudwatch_metric_alarm.in_flight[0].threshold < 20000 && contains(keys(output.alarms), "example-plan-in-flight")
    )
    error_message = "Before SQS hands out no more, there is an alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters.dimensions == tomap({ QueueName = "example-plan-dead.fifo" })
    error_message = "The alarm is about the queue."
  }
}

run "is_encrypted_and_over_tls_only" {
  command = plan

  assert {
    condition     = aws_sqs_queue.main.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "Both queues are encrypted."
  }

  assert {
    condition = alltrue([
      for policy in aws_sqs_queue_policy.this : one([
        for statement in jsondecode(policy.policy).Statement : statement if statement.Sid == "OverTlsOnly"
      ]).Effect == "Deny"
    ])
    error_message = "Nothing goes over a connection without TLS."
  }

  assert {
    condition     = alltrue([for policy in aws_sqs_queue_policy.this : !strcontains(policy.policy, "Allow")])
    error_message = "Without a publisher, the queue's policy allows nothing."
  }
}

run "lets_its_publisher_in" {
  command = plan

  variables {
    publisher = { service = "events.amazonaws.com", source_arn = "arn:aws:events:::rule/facts" }
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_sqs_queue_policy.this["main"].policy).Statement : statement if statement.Effect == "Allow"
      ]) == {
      Sid       = "Publish"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["sqs:SendMessage"]
      Resource  = ["arn:aws:sqs:::main"]
      Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:events:::rule/facts" } }
    }
    error_message = "The one rule may send to the one queue."
  }

  assert {
    condition     = !strcontains(aws_sqs_queue_policy.this["dead"].policy, "Allow")
    error_message = "The publisher may not send dead letters."
  }
}

run "alarms_on_dead_letters_and_delay" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.in_flight) == 0 && length(output.alarms) == 2
    error_message = "A standard queue has a hundred thousand messages in hand before anything happens."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.dead_letters.dimensions == tomap({ QueueName = "example-plan-dead" }) &&
      aws_cloudwatch_metric_alarm.dead_letters.threshold == 0
    )
    error_message = "One dead letter is an alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.age.dimensions == tomap({ QueueName = "example-plan" }) && aws_cloudwatch_metric_alarm.age.threshold == 900
    error_message = "A message that waits too long is an alarm."
  }
}

run "takes_more_than_sqs_hides" {
  command = plan
  variables {
    delivery = { max_receives = 1000, retention_days = 14, consumer_seconds = 7201 }
  }
  expect_failures = [var.delivery]
}

run "has_a_key_and_tags_of_its_own" {
  command = plan

  variables {
    fifo        = true
    kms_key_arn = "arn:aws:kms:::key/example"
    tags        = { owner = "platform" }
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.main, aws_sqs_queue.dead] :
      queue.kms_master_key_id == "arn:aws:kms:::key/example" && !queue.sqs_managed_sse_enabled && queue.tags == tomap({ owner = "platform" })
    ])
    error_message = "Both queues are encrypted with the key."
  }

  assert {
    condition = alltrue([
      for alarm in [aws_cloudwatch_metric_alarm.age, aws_cloudwatch_metric_alarm.dead_letters, aws_cloudwatch_metric_alarm.in_flight[0]] :
      alarm.tags == tomap({ owner = "platform" })
    ])
    error_message = "Alarms have the tags, too."
  }
}
