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

output "versions" {
  description = "The version that each alias is to name, by FUNCTION:ALIAS: `aliases.sh move` takes them there after an update."
  value       = module.dispatcher.versions
}
