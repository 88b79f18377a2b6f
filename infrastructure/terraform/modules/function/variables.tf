variable "name" {
  description = "Name of the function; its role and log group are named after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,50}$", var.name))
    error_message = "The name consists of 2 to 51 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "description" {
  description = "What the function does, for people who find it in the console. A new description makes a new version, and so new instances."
  type        = string
}

variable "image" {
  description = "The container image by digest, the handler in it, and the architecture it was built for."
  type = object({
    uri          = string
    command      = string
    architecture = optional(string, "arm64")
  })

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image.uri))
    error_message = "The image is named by its digest: REPOSITORY@sha256:…; a tag may change its meaning."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.image.architecture)
    error_message = "Lambda's architectures are arm64 and x86_64."
  }
}

variable "limits" {
  description = "What one invocation may take, and how many may run at a time (-1: whatever the account has left)."
  type = object({
    timeout_seconds      = number
    memory_mb            = number
    reserved_concurrency = optional(number, -1)
  })

  validation {
    condition     = var.limits.timeout_seconds >= 1 && var.limits.timeout_seconds <= 900
    error_message = "Lambda's timeout is 1 to 900 seconds."
  }

  validation {
    condition     = var.limits.memory_mb >= 128 && var.limits.memory_mb <= 10240
    error_message = "Lambda's memory is 128 to 10240 MB."
  }
}

variable "environment" {
  description = "Environment variables. They are readable by everybody who may read the function's configuration: ARNs of secrets, never secrets."
  type        = map(string)

  validation {
    condition     = alltrue([for value in values(var.environment) : !strcontains(value, "-----BEGIN")])
    error_message = "A private key does not belong into the environment; put it into Secrets Manager and pass its ARN."
  }
}

variable "permissions" {
  description = "What the function may do, statement by statement, beyond writing its own log, and traces where it has some."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))
  default = []

  validation {
    condition     = alltrue([for action in flatten(var.permissions[*].actions) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Each action is named in full, without wildcards."
  }

  validation {
    condition     = !contains(flatten(var.permissions[*].actions), "dynamodb:Scan")
    error_message = "Nothing is ever scanned: every read is a get or a range of one partition."
  }

  validation {
    condition     = alltrue([for resource in flatten(var.permissions[*].resources) : !strcontains(resource, "*")])
    error_message = "Each resource is named by its ARN, without wildcards."
  }

  validation {
    condition     = alltrue([for statement in var.permissions : length(statement.resources) > 0])
    error_message = "A statement is about at least one resource."
  }
}

variable "consumes" {
  description = "The queues that the function works off, by a key of each: so many messages at a time, collected for so long, in so many invocations side by side."
  type = map(object({
    queue_arn      = string
    batch_size     = optional(number, 10)
    window_seconds = optional(number, 0)
    concurrency    = number
  }))
  default = {}

  validation {
    condition     = alltrue([for queue in var.consumes : queue.concurrency >= 2 && queue.concurrency <= 1000])
    error_message = "SQS bounds a mapping's concurrency to 2 to 1000."
  }

  validation {
    condition     = alltrue([for queue in var.consumes : queue.batch_size <= 10 || queue.window_seconds >= 1])
    error_message = "Batches of more than 10 messages need a window of at least 1 second."
  }
}

variable "log" {
  description = "How long the log is kept, of which class it is, and the key that encrypts it (null: CloudWatch's own). CloudWatch takes metrics only from logs of the class STANDARD."
  type = object({
    retention_days = number
    class          = optional(string, "STANDARD")
    kms_key_arn    = optional(string)
  })

  validation {
    condition     = contains(["STANDARD", "INFREQUENT_ACCESS"], var.log.class)
    error_message = "A log's class is STANDARD or INFREQUENT_ACCESS."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts the function's environment and that its data is encrypted with; null: AWS's own keys."
  type        = string
  default     = null
}

variable "vpc" {
  description = "The subnets and security groups that the function's network interfaces are in; null: no network of yours. It has to reach GitHub and AWS from there."
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

variable "tags" {
  description = "Tags of everything that the module makes."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what the role can ever be allowed; null: none."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Whether Lambda traces invocations with X-Ray (active tracing)."
  type        = bool
  default     = false
}

variable "alarms" {
  description = "What alarms are about: invocations that failed (`errors`), and that Lambda refused (`throttles`); and the topics that receive them."
  type = object({
    about   = optional(set(string), [])
    actions = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = length(setsubtract(var.alarms.about, ["errors", "throttles"])) == 0
    error_message = "Alarms are about errors and throttles."
  }
}
