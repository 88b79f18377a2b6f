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

variable "cloudwatch_dashboard" {
  description = "Whether there is a dashboard in CloudWatch, too: requests, durations, queues, table units and alarms, 3 dollars a month (free where the account has fewer than three)."
  type        = bool
  default     = false
}

variable "tracing" {
  description = "Whether Lambda traces invocations with X-Ray, about 5 dollars for a million of them. Traces of stages, with what they ask of whom, are those of OpenTelemetry (`OTEL_…` in `environment`)."
  type        = bool
  default     = false
}

variable "redelivery_sweep" {
  description = "Whether deliveries that never arrived are redelivered, every five minutes."
  type        = bool
  default     = true
}

# Planner and dispatcher wait for GitHub most of their time, and pay for memory meanwhile: they have about twice what they take at most in the end-to-end
# tests (150 and 165 MB). The planner reads files that strangers write. With the heap that Lambda lets Node have (nine tenths of the memory), a run with 96
# targets takes 240 MB where all files have 64 KiB, and 26 of its 60 seconds for reading them; 50 runs at once with 25 such targets each take 290 MB, and
# would run out of time first, with 512 MB as well. Such messages come again, and alone from the sixth time on. The processor that comes with memory
# is what `ingress` needs for its first answer, and `facts` and `rollup` for folding.
variable "functions" {
  description = "Memory and concurrency of the functions. `concurrency` bounds how many batches of a queue are worked on at a time; for the dispatcher, how many target workflows, and beside them how many batches of reports."
  type = object({
    ingress    = optional(object({ memory_mb = optional(number, 512), reserved_concurrency = optional(number, -1) }), {})
    planner    = optional(object({ memory_mb = optional(number, 320), concurrency = optional(number, 2) }), {})
    dispatcher = optional(object({ memory_mb = optional(number, 320), concurrency = optional(number, 2), report_concurrency = optional(number, 2) }), {})
    facts      = optional(object({ memory_mb = optional(number, 1024), concurrency = optional(number, 2) }), {})
    rollup     = optional(object({ memory_mb = optional(number, 1024), reserved_concurrency = optional(number, -1) }), {})
    sweeper    = optional(object({ memory_mb = optional(number, 512), reserved_concurrency = optional(number, -1) }), {})
    admin      = optional(object({ memory_mb = optional(number, 512), reserved_concurrency = optional(number, -1) }), {})
  })
  default = {}
}

variable "account_concurrency" {
  description = "How many functions the account may run at a time: `aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions`. A new account has 10, and is given more on request."
  type        = number
  default     = 10

  # Two more for the front door, the rollup, the sweep and the dashboard, or what is reserved for them.
  validation {
    condition = (
      var.functions.planner.concurrency + var.functions.dispatcher.concurrency + var.functions.dispatcher.report_concurrency +
      var.functions.facts.concurrency + max(2, sum([
        for reserved in [var.functions.ingress, var.functions.rollup, var.functions.sweeper, var.functions.admin] : max(0, reserved.reserved_concurrency)
      ])) <= var.account_concurrency
    )
    error_message = "The queues' concurrency takes all that the account may run at a time, and deliveries would be refused. Leave 2 for the front door: lower functions.….concurrency, or have the account's quota raised and say so in account_concurrency."
  }

  validation {
    condition = alltrue([
      for reserved in [var.functions.ingress, var.functions.rollup, var.functions.sweeper, var.functions.admin] :
      reserved.reserved_concurrency <= 0 || var.account_concurrency >= reserved.reserved_concurrency + 100
    ])
    error_message = "Lambda reserves concurrency only where 100 are left without."
  }
}

variable "throttling" {
  description = "Requests per second that the API takes, and how many at once on top; for the dashboard, a share of its own. What is refused comes again only by the sweep."
  type = object({
    rate        = optional(number, 200)
    burst       = optional(number, 500)
    admin_rate  = optional(number, 50)
    admin_burst = optional(number, 100)
  })
  default = {}

  validation {
    condition     = alltrue([for limit in values(var.throttling) : limit > 0])
    error_message = "A limit of nothing lets nothing in."
  }
}

variable "data" {
  description = "How the tables are protected (with point-in-time recovery of what cannot be made anew, ledger and event log, to any second of the last `recovery_days`), and how long logs and archived facts are kept."
  type = object({
    deletion_protection    = bool
    point_in_time_recovery = bool
    recovery_days          = optional(number, 35)
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

  validation {
    condition     = var.data.recovery_days >= 1 && var.data.recovery_days <= 35
    error_message = "DynamoDB goes back 1 to 35 days."
  }
}

variable "kms_key_arn" {
  description = "A key of yours that encrypts tables, queues, secrets, the facts' bus and the functions' variables; null: keys of AWS. What its policy has to say: README. Images and logs are not encrypted with it (see `logs`)."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[^:]*:[^:]*:key/", var.kms_key_arn))
    error_message = "The key is named by its ARN, and not by an alias."
  }
}

variable "vpc" {
  description = "The subnets and security groups that functions run in; null: no network of yours. From there they have to reach GitHub (a NAT gateway, or a proxy in `environment`) and DynamoDB, SQS, EventBridge, Secrets Manager and, with `tracing`, X-Ray (through it, or by VPC endpoints)."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0
    error_message = "A function in a network has at least one subnet and one security group."
  }
}

variable "logs" {
  description = "The class of the logs, and the key that encrypts them (null: CloudWatch's own). INFREQUENT_ACCESS costs half, but CloudWatch takes no metrics from such logs: there are no alarms about the functions' own metrics, nor about 401 and 429, and the log cannot be tailed."
  type = object({
    class       = optional(string, "STANDARD")
    kms_key_arn = optional(string)
  })
  default = {}

  validation {
    condition     = contains(["STANDARD", "INFREQUENT_ACCESS"], var.logs.class)
    error_message = "A log's class is STANDARD or INFREQUENT_ACCESS."
  }
}

variable "tags" {
  description = "Tags of everything that can have some (`all`), and further ones by kind: those of tables may be what AWS Backup selects by."
  type = object({
    all       = optional(map(string), {})
    tables    = optional(map(string), {})
    queues    = optional(map(string), {})
    functions = optional(map(string), {})
    secrets   = optional(map(string), {})
    logs      = optional(map(string), {})
  })
  default = {}
}

variable "domain" {
  description = "The service's own host name; null: the address that API Gateway gives it. With the Route 53 zone that it is in, all records are made. Without, make those of the output `domain`, then set `validated`. `sole_address`: whether API Gateway's address is switched off (null: with a zone)."
  type = object({
    name         = string
    zone_id      = optional(string)
    validated    = optional(bool, false)
    sole_address = optional(bool)
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
