output "base_url" {
  description = "Where the service is."
  value       = local.base_url
}

output "webhook_url" {
  description = "What to enter as the App's webhook URL."
  value       = "${local.base_url}/webhooks/github"
}

output "dashboard_url" {
  description = "Where the dashboard is; null if it is off."
  value       = var.dashboard ? "${local.base_url}/admin" : null
}

output "repository" {
  description = "The image registry: its name and where to push to."
  value       = { name = aws_ecr_repository.image.name, url = aws_ecr_repository.image.repository_url }
}

output "secrets" {
  description = "Names of the secrets whose values people set."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.name }
}

output "release" {
  description = "What was deployed last: the release as it was given."
  value       = var.release
}

output "versions" {
  description = "The version that each alias is to name, by FUNCTION:ALIAS. A deployment moves the aliases there."
  value       = { for function in local.all_functions : "${function.name}:live" => function.version }
}

output "aliases" {
  description = "All aliases of all functions, as FUNCTION:ALIAS; a rollback moves every one of them."
  value       = [for name in local.function_names : "${name}:live"]
}

output "alarms" {
  description = "The names of all alarms."
  value       = keys(local.alarms)
}

output "domain" {
  description = "What DNS has to say about the domain: the records that prove it for the certificate, and the name (with its Route 53 zone) that it leads to, once it is served. Null without a domain."
  value = one([for name in local.domains : {
    name = name
    validation_records = [for option in aws_acm_certificate.this[name].domain_validation_options : {
      name = option.resource_record_name, type = option.resource_record_type, value = option.resource_record_value
    }]
    target_name    = try(one(aws_apigatewayv2_domain_name.this[name].domain_name_configuration).target_domain_name, null)
    target_zone_id = try(one(aws_apigatewayv2_domain_name.this[name].domain_name_configuration).hosted_zone_id, null)
  }])
}

output "queues" {
  description = "The queues and their dead-letter queues."
  value       = { for name, queue in local.queues : name => { queue = queue.queue, dead_letters = queue.dead_letters } }
}

output "concurrency" {
  description = "How many functions can work off queues at a time, and how many the account may run."
  value = {
    queues  = sum(flatten([for function in local.all_functions : values(function.mappings)[*].concurrency]))
    account = var.account_concurrency
  }
}
