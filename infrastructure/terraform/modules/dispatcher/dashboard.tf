# Dashboard: the function behind /admin, and, where it is wanted, CloudWatch's own view of the system for operators.

module "admin" {
  source = "../function"
  count  = var.dashboard ? 1 : 0

  name                     = "${var.name}-admin"
  description              = "${local.description.admin} (secrets ${var.secrets_revision})"
  image                    = local.image.admin
  environment              = local.environment.admin
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing

  limits = {
    timeout_seconds      = local.timeouts.admin
    memory_mb            = var.functions.admin.memory_mb
    reserved_concurrency = var.functions.admin.reserved_concurrency
  }

  permissions = local.permissions.admin
}

locals {
  all_functions  = concat([module.ingress, module.planner, module.dispatcher, module.facts, module.rollup], module.sweeper, module.admin)
  function_names = local.all_functions[*].name
  queue_names    = [for queue in local.queues : queue.queue.name]
  dead_names     = concat([for queue in local.queues : queue.dead_letters.name], [aws_sqs_queue.undelivered.name])

  # Title, metrics and their statistic, two graphs to a row.
  graphs = concat(local.own_graphs, [
    {
      title     = "Requests"
      statistic = "Sum"
      metrics = [
        for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", aws_apigatewayv2_api.this.id]
      ]
    },
    {
      title     = "Time to answer a request, p99 (ms)"
      statistic = "p99"
      metrics   = [["AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.this.id]]
    },
    {
      title     = "Messages waiting"
      statistic = "Maximum"
      metrics   = [for name in local.queue_names : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]]
    },
    {
      title     = "Age of the oldest message (s)"
      statistic = "Maximum"
      metrics   = [for name in local.queue_names : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name]]
    },
    {
      title     = "Dead letters"
      statistic = "Maximum"
      metrics   = [for name in local.dead_names : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]]
    },
    {
      title     = "Errors and throttles"
      statistic = "Sum"
      metrics = flatten([
        for name in local.function_names : [for metric in ["Errors", "Throttles"] : [["AWS/Lambda", metric, "FunctionName", name]]]
      ])
    },
    {
      title     = "Duration, p95 (ms)"
      statistic = "p95"
      metrics   = [for name in local.function_names : ["AWS/Lambda", "Duration", "FunctionName", name]]
    },
    {
      title     = "Table units written and read"
      statistic = "Sum"
      metrics = concat(
        [for table in aws_dynamodb_table.this : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table.name]],
        [for table in aws_dynamodb_table.this : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table.name]]
      )
    }
  ])

  # The metrics that alarms are about, first.
  own_graphs = [
    for graph in [
      { title = "Age of the oldest work (s)", statistic = "Maximum", metrics = ["OldestUnplannedAge", "OldestUnsettledAge"] },
      { title = "Health (2 is red), unknown outcomes, dead letters", statistic = "Maximum", metrics = ["Health", "UnknownOutcomes", "DeadLetters"] },
      { title = "Refused requests", statistic = "Sum", metrics = ["RefusedSignatures", "Unauthorized", "ThrottledRequests"] },
      { title = "Transactions that met another", statistic = "Sum", metrics = ["WriteConflicts"] }
      ] : {
      title     = graph.title
      statistic = graph.statistic
      metrics   = [for metric in graph.metrics : concat([local.own_namespace, metric], flatten([for name, value in local.own_dimension : [name, value]]))]
    } if local.own_metrics
  ]
}

data "aws_region" "current" {}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.cloudwatch_dashboard ? 1 : 0

  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm"
        x          = 0
        y          = 0
        width      = 24
        height     = 3
        properties = { title = "Alarms", alarms = values(local.alarms) }
      }],
      [
        for index, graph in local.graphs : {
          type   = "metric"
          x      = 12 * (index % 2)
          y      = 3 + 6 * floor(index / 2)
          width  = 12
          height = 6
          properties = {
            title   = graph.title
            region  = data.aws_region.current.region
            view    = "timeSeries"
            period  = 60
            stat    = graph.statistic
            metrics = graph.metrics
          }
        }
      ]
    )
  })
}
