# Who may do what, on what: everything that the functions are allowed, word by word, beside their own logs and traces.

mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "example-dev"
  release = { digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000", version = "1.2.3" }
  app     = { id = 1 }
  data    = { deletion_protection = true, point_in_time_recovery = true, log_retention_days = 90, archive_days = 30 }
}

override_resource {
  target          = aws_dynamodb_table.this["ledger"]
  override_during = plan
  values          = { arn = "arn:aws:dynamodb:::table/ledger" }
}
override_resource {
  target          = aws_dynamodb_table.this["events"]
  override_during = plan
  values          = { arn = "arn:aws:dynamodb:::table/events" }
}
override_resource {
  target          = aws_dynamodb_table.this["projections"]
  override_during = plan
  values          = { arn = "arn:aws:dynamodb:::table/projections" }
}
override_resource {
  target          = module.plan_queue.aws_sqs_queue.main
  override_during = plan
  values          = { arn = "arn:aws:sqs:::plan" }
}
override_resource {
  target          = module.plan_queue.aws_sqs_queue.dead
  override_during = plan
  values          = { arn = "arn:aws:sqs:::plan-dead" }
}
override_resource {
  target          = module.order_queue.aws_sqs_queue.main
  override_during = plan
  values          = { arn = "arn:aws:sqs:::order" }
}
override_resource {
  target          = module.order_queue.aws_sqs_queue.dead
  override_during = plan
  values          = { arn = "arn:aws:sqs:::order-dead" }
}
override_resource {
  target          = module.report_queue.aws_sqs_queue.main
  override_during = plan
  values          = { arn = "arn:aws:sqs:::report" }
}
override_resource {
  target          = module.report_queue.aws_sqs_queue.dead
  override_during = plan
  values          = { arn = "arn:aws:sqs:::report-dead" }
}
override_resource {
  target          = module.fact_queue.aws_sqs_queue.main
  override_during = plan
  values          = { arn = "arn:aws:sqs:::fact" }
}
override_resource {
  target          = module.fact_queue.aws_sqs_queue.dead
  override_during = plan
  values          = { arn = "arn:aws:sqs:::fact-dead" }
}
override_resource {
  target          = aws_secretsmanager_secret.this["webhook_secret"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:::secret:webhook_secret" }
}
override_resource {
  target          = aws_secretsmanager_secret.this["private_key"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:::secret:private_key" }
}
override_resource {
  target          = aws_secretsmanager_secret.this["admin_token"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:::secret:admin_token" }
}

run "everything_that_is_allowed" {
  command = plan

  assert {
    condition = { for sid, may in module.ingress.permissions : sid => may if !startswith(sid, "Own") } == {
      OfferPlans  = "sqs:SendMessage on arn:aws:sqs:::plan"
      ReadSecrets = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:::secret:webhook_secret"
    }
    error_message = "Receive offers plans and reads the webhook secret, and nothing else."
  }

  assert {
    condition = { for sid, may in module.planner.permissions : sid => may if !startswith(sid, "Own") } == {
      WorkOffQueues         = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on arn:aws:sqs:::plan"
      KeepPlans             = "dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on arn:aws:dynamodb:::table/ledger"
      OfferOrdersAndReports = "sqs:SendMessage on arn:aws:sqs:::order arn:aws:sqs:::report"
      GiveUpPlans           = "sqs:SendMessage on arn:aws:sqs:::plan-dead"
      PublishFacts          = "events:PutEvents on arn:aws:events:::event-bus/facts"
      ReadSecrets           = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:::secret:private_key"
    }
    error_message = "Plan turns plans into orders."
  }

  assert {
    condition = { for sid, may in module.dispatcher.permissions : sid => may if !startswith(sid, "Own") } == {
      WorkOffQueues          = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on arn:aws:sqs:::order arn:aws:sqs:::report"
      ClaimAndSettleOrders   = "dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on arn:aws:dynamodb:::table/ledger"
      OfferReports           = "sqs:SendMessage on arn:aws:sqs:::report"
      GiveUpOrdersAndReports = "sqs:SendMessage on arn:aws:sqs:::order-dead arn:aws:sqs:::report-dead"
      PublishFacts           = "events:PutEvents on arn:aws:events:::event-bus/facts"
      ReadSecrets            = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:::secret:private_key"
    }
    error_message = "Dispatch claims and settles orders."
  }

  assert {
    condition = { for sid, may in module.facts.permissions : sid => may if !startswith(sid, "Own") } == {
      WorkOffQueues   = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on arn:aws:sqs:::fact"
      KeepEvents      = "dynamodb:BatchWriteItem dynamodb:Query on arn:aws:dynamodb:::table/events"
      KeepProjections = "dynamodb:BatchWriteItem dynamodb:PutItem on arn:aws:dynamodb:::table/projections"
      CountDeaths     = "dynamodb:GetItem dynamodb:PutItem on arn:aws:dynamodb:::table/ledger"
      GiveUpFacts     = "sqs:SendMessage on arn:aws:sqs:::fact-dead"
    }
    error_message = "Record keeps events and projections, counts what functions die of, and reads no secret."
  }

  assert {
    condition = { for sid, may in module.rollup.permissions : sid => may if !startswith(sid, "Own") } == {
      ReadLongRuns    = "dynamodb:Query on arn:aws:dynamodb:::table/events"
      KeepProjections = "dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query on arn:aws:dynamodb:::table/projections"
      ReadObstacles   = "dynamodb:Query on arn:aws:dynamodb:::table/ledger"
      LookIntoQueues  = "sqs:GetQueueAttributes on arn:aws:sqs:::plan arn:aws:sqs:::plan-dead arn:aws:sqs:::order arn:aws:sqs:::order-dead arn:aws:sqs:::report arn:aws:sqs:::report-dead arn:aws:sqs:::fact arn:aws:sqs:::fact-dead"
    }
    error_message = "Rollup keeps projections, and looks into the queues."
  }

  assert {
    condition = { for sid, may in module.sweeper[0].permissions : sid => may if !startswith(sid, "Own") } == {
      RememberDeliveriesAndResults = "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on arn:aws:dynamodb:::table/ledger"
      OfferReports                 = "sqs:SendMessage on arn:aws:sqs:::report"
      PublishFacts                 = "events:PutEvents on arn:aws:events:::event-bus/facts"
      ReadSecrets                  = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:::secret:private_key"
    }
    error_message = "Sweep remembers what got lost, asks GitHub, and stores results."
  }

  assert {
    condition = { for sid, may in module.admin[0].permissions : sid => may if !startswith(sid, "Own") } == {
      ReadProjections        = "dynamodb:GetItem dynamodb:Query on arn:aws:dynamodb:::table/events arn:aws:dynamodb:::table/projections"
      CountReplays           = "dynamodb:GetItem dynamodb:PutItem on arn:aws:dynamodb:::table/ledger"
      OfferReplaysAndPutBack = "sqs:SendMessage on arn:aws:sqs:::plan arn:aws:sqs:::order arn:aws:sqs:::report arn:aws:sqs:::fact"
      LookAtDeadLetters      = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on arn:aws:sqs:::plan-dead arn:aws:sqs:::order-dead arn:aws:sqs:::report-dead arn:aws:sqs:::fact-dead"
      ReadSecrets            = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:::secret:admin_token arn:aws:secretsmanager:::secret:private_key"
    }
    error_message = "The dashboard reads, has deliveries planned again, and puts dead letters back."
  }
}
