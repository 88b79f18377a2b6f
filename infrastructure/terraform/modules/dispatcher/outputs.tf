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

output "aliases" {
  description = "All aliases of all functions, as FUNCTION:ALIAS; a rollback moves every one of them."
  value = concat(
    [for name in local.function_names : "${name}:live"],
    ["${module.facts.name}:rollup"]
  )
}

output "queues" {
  description = "The queues and their dead-letter queues."
  value       = { for name, queue in local.queues : name => { queue = queue.queue, dead_letters = queue.dead_letters } }
}
