# The dispatcher on AWS, one file per stage, in the order of an event:
#
#   receive.tf → plan.tf → dispatch.tf → facts.tf → rollup.tf → dashboard.tf, and sweep.tf for events that got lost
#
# and what they stand on: permissions.tf, storage.tf, secrets.tf, registry.tf, alarms.tf, metrics.tf, domain.tf. `contract.json` is what the code expects of all this (keys,
# attempts, handlers, and which function reads which variable and may do what); a test holds it to the code, and nothing here repeats it.

locals {
  contract = jsondecode(file("${path.module}/contract.json"))

  # Seconds that one invocation may take. GitHub waits 10 seconds for an answer, and API Gateway 30; starting a workflow may take 28, after
  # looking for earlier starts and reading two configs.
  timeouts = {
    ingress    = 10
    planner    = 60
    dispatcher = 60
    facts      = 60
    rollup     = 60
    sweeper    = 240
    admin      = 28
  }

  # Seconds for which completed runs are collected, so that those of one moment share the requests for their configs.
  plan_window_seconds = 1

  # Seconds for which facts are collected, so that they take fewer invocations. For as long, what the dashboard shows of a run is behind.
  fact_window_seconds = 5

  # Seconds for which reports are collected, so that they take fewer invocations. For as long, check runs and issues are behind.
  report_window_seconds = 5

  # Seconds from one sweep to the next.
  sweep_seconds = 300

  # What the code expects of every queue.
  delivery = { max_receives = local.contract.queues.maxReceiveCount, retention_days = local.contract.queues.retentionDays }

  log = { retention_days = var.data.log_retention_days, class = var.logs.class, kms_key_arn = var.logs.kms_key_arn }

  tags = { for kind, tags in var.tags : kind => merge(var.tags.all, tags) }

  alarm_actions = var.alarms.topic_arn == null ? [] : [var.alarms.topic_arn]

  description = {
    ingress    = "Receive: webhook requests become stored work"
    planner    = "Plan: completed runs become decisions and orders"
    dispatcher = "Dispatch and Report: orders become workflow runs and reports"
    facts      = "Record: facts become the event log, and what is stored of their runs"
    rollup     = "Rollup: what was recorded becomes the dashboard's figures"
    sweeper    = "Sweep: deliveries that never arrived are redelivered"
    admin      = "Dashboard"
  }

  image = { for function, _ in local.contract.functions : function => {
    uri          = "${aws_ecr_repository.image.repository_url}@${var.release.digest}"
    command      = local.contract.functions[function].command
    architecture = var.release.architecture
  } }
}
