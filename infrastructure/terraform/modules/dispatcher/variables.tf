variable "name" {
  description = "Prefix of every name, such as dispatcher-dev; the deploying role may touch nothing that is called otherwise."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "The name consists of 3 to 31 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "release" {
  description = "What is deployed: the digest of the image in this system's registry, the version that logs and facts name, and the architecture of the image."
  type = object({
    digest       = string
    version      = string
    architecture = optional(string, "arm64")
  })

  validation {
    condition     = can(regex("^sha256:[0-9a-f]{64}$", var.release.digest))
    error_message = "The digest is sha256: and 64 hexadecimal digits."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$", var.release.version))
    error_message = "The version consists of at most 64 letters, digits, dots, pluses, hyphens and underscores."
  }
}

variable "secrets_revision" {
  description = "Any text; another one starts fresh instances of all functions, which read the secrets again."
  type        = string
  default     = "1"
}

variable "app" {
  description = "The GitHub App: its id, and where GitHub's API is if not at api.github.com."
  type = object({
    id      = number
    api_url = optional(string)
  })

  validation {
    condition     = var.app.id >= 1 && floor(var.app.id) == var.app.id
    error_message = "The App's id is a positive whole number."
  }

  validation {
    condition     = var.app.api_url == null ? true : startswith(var.app.api_url, "https://")
    error_message = "GitHub's API is at an https address."
  }
}

variable "policy" {
  description = "What may be dispatched; see the configuration table in the README. Null: the default of the code."
  type = object({
    default_ref      = optional(string)
    create_checks    = optional(bool)
    create_issues    = optional(bool)
    close_issues     = optional(bool)
    source_allowlist = optional(list(string), [])
    target_allowlist = optional(list(string), [])
    max_targets      = optional(number)
    max_chain_depth  = optional(number)
    max_chain_starts = optional(number)
    max_other_owners = optional(number)
  })
  default = {}

  validation {
    condition = alltrue([
      for pattern in concat(var.policy.source_allowlist, var.policy.target_allowlist) : can(regex("^[^/,\\s]+/[^/,\\s]+$", pattern))
    ])
    error_message = "An allowlist consists of owner/name patterns."
  }

  validation {
    condition     = var.policy.max_targets == null ? true : var.policy.max_targets >= 1 && var.policy.max_targets <= 96
    error_message = "A run may start 1 to 96 targets."
  }

  validation {
    condition = alltrue([
      for limit in [
        { value = var.policy.max_chain_depth, most = 100 },
        { value = var.policy.max_chain_starts, most = 100000 },
        { value = var.policy.max_other_owners, most = 500 },
      ] : limit.value == null ? true : limit.value >= 1 && limit.value <= limit.most
    ])
    error_message = "A chain is 1 to 100 deep and has 1 to 100,000 starts; a file names 1 to 500 other owners."
  }
}

variable "dashboard" {
  description = "Whether /admin is served."
  type        = bool
  default     = true
}

variable "redelivery_sweep" {
  description = "Whether deliveries that never arrived are redelivered, every five minutes."
  type        = bool
  default     = true
}

variable "functions" {
  description = "Memory and concurrency of the functions. `concurrency` bounds how many batches of a queue are worked on at a time; for the dispatcher, how many target workflows, and beside them how many batches of reports."
  type = object({
    ingress    = optional(object({ memory_mb = optional(number, 512), reserved_concurrency = optional(number, -1) }), {})
    planner    = optional(object({ memory_mb = optional(number, 512), concurrency = optional(number, 10) }), {})
    dispatcher = optional(object({ memory_mb = optional(number, 512), concurrency = optional(number, 10), report_concurrency = optional(number, 2) }), {})
    facts      = optional(object({ memory_mb = optional(number, 1024), concurrency = optional(number, 4) }), {})
    sweeper    = optional(object({ memory_mb = optional(number, 512), reserved_concurrency = optional(number, -1) }), {})
    admin      = optional(object({ memory_mb = optional(number, 512), reserved_concurrency = optional(number, -1) }), {})
  })
  default = {}
}

variable "throttling" {
  description = "Requests per second that the API takes, and how many at once on top. What is refused comes again only by the sweep."
  type = object({
    rate  = optional(number, 200)
    burst = optional(number, 500)
  })
  default = {}

  validation {
    condition     = var.throttling.rate > 0 && var.throttling.burst > 0
    error_message = "A limit of nothing lets nothing in."
  }
}

variable "data" {
  description = "How the tables are protected and how long logs and archived facts are kept."
  type = object({
    deletion_protection    = bool
    point_in_time_recovery = bool
    log_retention_days     = number
    archive_days           = number
  })

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.data.log_retention_days
    )
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 days, or for certain numbers of years."
  }

  validation {
    condition     = var.data.archive_days >= 1
    error_message = "An archive of 0 days would be kept for ever."
  }
}

variable "domain" {
  description = "The service's own host name and the Route 53 zone that it is in; null: the address that API Gateway gives it."
  type = object({
    name    = string
    zone_id = string
  })
  default = null

  validation {
    condition     = var.domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "The domain is a full host name in lower case."
  }
}

variable "alarms" {
  description = "The SNS topic that receives alarms (null: none), and when a queue is behind."
  type = object({
    topic_arn              = optional(string)
    oldest_message_seconds = optional(number, 1800)
  })
  default = {}

  validation {
    condition     = var.alarms.oldest_message_seconds >= 60
    error_message = "The age is measured once a minute."
  }
}

variable "log_level" {
  description = "The least level that is logged; null: the default of the code."
  type        = string
  default     = null

  validation {
    condition     = var.log_level == null ? true : contains(["all", "trace", "debug", "info", "warn", "error", "fatal", "none"], var.log_level)
    error_message = "The level is all, trace, debug, info, warn, error, fatal or none."
  }
}

variable "environment" {
  description = "Standard variables of every function, by name: where telemetry goes (`OTEL_…`), and proxies. They can be read in the state and in the functions' configuration, so let a collector in the network add a credential of its own instead of naming one here."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for name in keys(var.environment) : contains(jsondecode(file("${path.module}/contract.json")).standardVariables, name)
    ])
    error_message = "Only the standard variables in contract.json can be set: those of telemetry (OTEL_…) and of proxies (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS)."
  }
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what the functions' roles can ever be allowed; `bootstrap` makes one. Null: none."
  type        = string
  default     = null
}
