variable "region" {
  description = "AWS region."
  type        = string
}

variable "release" {
  description = "What is deployed: the digest of the image and the version that it calls itself. A deployment passes it."
  type = object({
    digest       = string
    version      = string
    architecture = optional(string)
  })
}

variable "app" {
  description = "The GitHub App: its id, and where GitHub's API is if not at api.github.com."
  type = object({
    id      = number
    api_url = optional(string)
  })
}

variable "policy" {
  description = "What may be dispatched; see the configuration table in the README."
  type = object({
    default_ref      = optional(string)
    create_checks    = optional(bool)
    create_issues    = optional(bool)
    close_issues     = optional(bool)
    source_allowlist = optional(list(string))
    target_allowlist = optional(list(string))
    max_targets      = optional(number)
    max_chain_depth  = optional(number)
    max_chain_starts = optional(number)
    max_other_owners = optional(number)
  })
  default = {}
}

variable "redelivery_sweep" {
  description = "Whether deliveries that never arrived are redelivered, every five minutes."
  type        = bool
  default     = true
}

variable "environment" {
  description = "Where telemetry goes (`OTEL_…`) and proxies, by the standard variables' names; nothing secret."
  type        = map(string)
  default     = {}
}

variable "domain" {
  description = "The service's own host name and the Route 53 zone that it is in; null: the address that API Gateway gives it."
  type = object({
    name    = string
    zone_id = string
  })
  default = null
}

variable "account" {
  description = "Names of what was made outside: the SNS topic for alarms and the permissions boundary for the functions' roles. Null: none."
  type = object({
    alarm_topic          = optional(string)
    permissions_boundary = optional(string)
  })
  default = {}
}

variable "secrets_revision" {
  description = "Any text; another one starts fresh instances, which read the secrets again."
  type        = string
  default     = "1"
}
