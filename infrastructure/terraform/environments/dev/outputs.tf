output "base_url" {
  description = "Where the service is."
  value       = module.dispatcher.base_url
}

output "webhook_url" {
  description = "What to enter as the App's webhook URL."
  value       = module.dispatcher.webhook_url
}

output "dashboard_url" {
  description = "Where the dashboard is."
  value       = module.dispatcher.dashboard_url
}

output "repository" {
  description = "The image registry: its name and where to push to."
  value       = module.dispatcher.repository
}

output "secrets" {
  description = "Names of the secrets whose values people set."
  value       = module.dispatcher.secrets
}

output "release" {
  description = "What was deployed last: digest, version and architecture."
  value       = module.dispatcher.release
}

output "versions" {
  description = "The version that each alias is to name, by FUNCTION:ALIAS. A deployment moves the aliases there."
  value       = module.dispatcher.versions
}

output "alarms" {
  description = "The names of all alarms."
  value       = module.dispatcher.alarms
}

output "domain" {
  description = "What DNS has to say about the domain: the records that prove it, and the name that it leads to. Null without a domain."
  value       = module.dispatcher.domain
}

output "aliases" {
  description = "All aliases of all functions, as FUNCTION:ALIAS."
  value       = module.dispatcher.aliases
}

output "queues" {
  description = "The queues and their dead-letter queues."
  value       = module.dispatcher.queues
}
