mock_provider "aws" {}

variables {
  name     = "example-plan"
  delivery = { max_receives = 1000, retention_days = 14, consumer_seconds = 61 }
  alarm    = { oldest_message_seconds = 900, actions = ["arn:aws:sns:::alarms"] }
}

override_resource {
  target = aws_sqs_queue.main
  values = { arn = "arn:aws:sqs:::main" }
}

override_resource {
  target = aws_sqs_queue.dead
  values = { arn = "arn:aws:sqs:::dead" }
}

run "gives_up_into_its_dead_letter_queue" {
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
  variables {
    fifo     = true
    delivery = { max_receives = 1000, retention_days = 14, consumer_seconds = 60, hidden_seconds = 90 }
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
    condition     = aws_sqs_queue.main.visibility_timeout_seconds == 90
    error_message = "A group waits no longer for a message that was lost."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters.dimensions == tomap({ QueueName = "example-plan-dead.fifo" })
    error_message = "The alarm is about the queue."
  }
}

run "is_encrypted_and_over_tls_only" {
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

run "refuses_to_show_a_message_while_an_invocation_has_it" {
  command = plan
  variables {
    delivery = { max_receives = 1000, retention_days = 14, consumer_seconds = 61, hidden_seconds = 60 }
  }
  expect_failures = [var.delivery]
}
