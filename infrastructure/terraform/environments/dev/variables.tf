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

variable "cloudwatch_dashboard" {
  description = "Whether there is a dashboard in CloudWatch, too; 3 dollars a month where the account has three already."
  type        = bool
  default     = false
}

variable "tracing" {
  description = "Whether Lambda traces invocations with X-Ray; the bootstrap's `environments` has to allow it."
  type        = bool
  default     = false
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
  description = "The service's own host name; null: the address that API Gateway gives it. With the Route 53 zone that it is in, all records are made. Without, make those of the output `domain`, then set `validated`. `sole_address`: whether API Gateway's address is switched off (null: with a zone)."
  type = object({
    name         = string
    zone_id      = optional(string)
    validated    = optional(bool)
    sole_address = optional(bool)
  })
  default = null
}

variable "account" {
  description = "The account: how many functions it may run at a time (a new one has 10), and what was made outside, by name or id: the SNS topic for alarms, the permissions boundary for the functions' roles, the KMS keys for data and for logs. Null: none."
  type = object({
    concurrency          = optional(number, 10)
    alarm_topic          = optional(string)
    permissions_boundary = optional(string)
    kms_key_id           = optional(string)
    log_kms_key_id       = optional(string)
  })
  default = {}
}

variable "functions" {
  description = "Memory and concurrency of the functions. `concurrency` bounds how many batches of a queue are worked on at a time; for the dispatcher, how many target workflows, and beside them how many batches of reports."
  type = object({
    ingress    = optional(object({ memory_mb = optional(number), reserved_concurrency = optional(number) }), {})
    planner    = optional(object({ memory_mb = optional(number), concurrency = optional(number, 2) }), {})
    dispatcher = optional(object({ memory_mb = optional(number), concurrency = optional(number, 2), report_concurrency = optional(number, 2) }), {})
    facts      = optional(object({ memory_mb = optional(number), concurrency = optional(number, 2) }), {})
    rollup     = optional(object({ memory_mb = optional(number), reserved_concurrency = optional(number) }), {})
    sweeper    = optional(object({ memory_mb = optional(number), reserved_concurrency = optional(number) }), {})
    admin      = optional(object({ memory_mb = optional(number), reserved_concurrency = optional(number) }), {})
  })
  default = {}
}

variable "throttling" {
  description = "Requests per second that the API takes, and how many at once on top; for the dashboard, a share of its own."
  type = object({
    rate        = optional(number)
    burst       = optional(number)
    admin_rate  = optional(number)
    admin_burst = optional(number)
  })
  default = {}
}

variable "vpc" {
  description = "The subnets and security groups that functions run in; null: no network of yours. From there they have to reach GitHub and AWS."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "logs" {
  description = "The class of the logs: STANDARD, or INFREQUENT_ACCESS without alarms about the functions' own metrics."
  type        = object({ class = optional(string) })
  default     = {}
}

variable "log_level" {
  description = "The least level that is logged; null: the default of the code."
  type        = string
  default     = "debug"
}

variable "tags" {
  description = "Tags of everything that can have some (`all`), and further ones by kind; beside `system` and `environment`."
  type = object({
    all       = optional(map(string))
    tables    = optional(map(string))
    queues    = optional(map(string))
    functions = optional(map(string))
    secrets   = optional(map(string))
    logs      = optional(map(string))
  })
  default = {}
}

variable "secrets_revision" {
  description = "Any text; another one starts fresh instances, which read the secrets again."
  type        = string
  default     = "1"
}
