# Receive: the API, and the function that turns webhook requests into stored work.

locals {
  # Which function answers what. `$default` is missing on purpose: API Gateway answers everything else with 404 by itself.
  routes = merge(
    {
      "ANY /webhooks/github" = "ingress"
      "GET /health"          = "ingress"
    },
    var.dashboard ? { "ANY /admin" = "admin", "ANY /admin/{path+}" = "admin" } : {}
  )

  http_functions = merge({ ingress = module.ingress }, { for module in module.admin : "admin" => module })
  base_url       = length(local.served) == 0 ? aws_apigatewayv2_api.this.api_endpoint : "https://${var.domain.name}"
}

module "ingress" {
  source = "../function"

  name                     = "${var.name}-ingress"
  description              = "${local.description.ingress} (secrets ${var.secrets_revision})"
  image                    = local.image.ingress
  environment              = local.environment.ingress
  log                      = local.log
  kms_key_arn              = var.kms_key_arn
  vpc                      = var.vpc
  tags                     = local.tags.functions
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing

  limits = {
    timeout_seconds      = local.timeouts.ingress
    memory_mb            = var.functions.ingress.memory_mb
    reserved_concurrency = var.functions.ingress.reserved_concurrency
  }

  permissions = local.permissions.ingress
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "Webhooks of the GitHub App, and the dashboard"
  protocol_type = "HTTP"
  tags          = local.tags.all
  # With a domain of its own, the service needs no second address.
  disable_execute_api_endpoint = local.sole_address
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.http_functions

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.live.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 1000 * (each.value.timeout_seconds + 1)
}

resource "aws_apigatewayv2_route" "this" {
  for_each = local.routes

  api_id    = aws_apigatewayv2_api.this.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"
}

resource "aws_lambda_permission" "api" {
  for_each = local.http_functions

  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = each.value.name
  qualifier     = "live"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = local.log.retention_days
  log_group_class   = local.log.class
  kms_key_id        = local.log.kms_key_arn
  tags              = local.tags.logs
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = local.tags.all

  default_route_settings {
    throttling_rate_limit  = var.throttling.rate
    throttling_burst_limit = var.throttling.burst
  }

  # Requests to the dashboard have limits of their own, and take nothing away from GitHub.
  dynamic "route_settings" {
    for_each = { for route, function in local.routes : route => function if function == "admin" }

    content {
      route_key              = route_settings.key
      throttling_rate_limit  = var.throttling.admin_rate
      throttling_burst_limit = var.throttling.admin_burst
    }
  }

  # Settings are of routes that there are.
  depends_on = [aws_apigatewayv2_route.this]

  # Nothing that a request carries is logged but its address: no header, no query, no body. CloudWatch has the time with each line.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      deployment         = var.name
      requestId          = "$context.requestId"
      sourceIp           = "$context.identity.sourceIp"
      method             = "$context.httpMethod"
      path               = "$context.path"
      status             = "$context.status"
      responseLength     = "$context.responseLength"
      latencyMs          = "$context.responseLatency"
      integrationStatus  = "$context.integrationStatus"
      integrationError   = "$context.integrationErrorMessage"
      integrationLatency = "$context.integrationLatency"
    })
  }
}
