variable "name" {
  description = "Name of the queue; its dead-letter queue is called NAME-dead. FIFO queues end with .fifo."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,70}$", var.name))
    error_message = "The name consists of 2 to 71 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "delivery" {
  description = "How often a message is handed out before SQS makes it a dead letter, how long messages and dead letters are kept, how long one invocation may work on a message, the time for collecting a batch included. A message in hand is hidden from others for six times that."
  type = object({
    max_receives     = number
    retention_days   = number
    consumer_seconds = number
  })

  validation {
    condition     = var.delivery.max_receives >= 1 && var.delivery.max_receives <= 1000
    error_message = "SQS hands a message out 1 to 1000 times."
  }

  validation {
    condition     = var.delivery.retention_days >= 1 && var.delivery.retention_days <= 14
    error_message = "SQS keeps nothing for longer than 14 days."
  }

  validation {
    condition     = 6 * var.delivery.consumer_seconds <= 43200
    error_message = "SQS hides a message for 12 hours at most, and the queue hides it for six times the consumer's time."
  }
}

variable "fifo" {
  description = "Whether messages come in groups, one of a group at a time and in order."
  type        = bool
  default     = false
}

variable "publisher" {
  description = "The AWS service that sends to the queue on behalf of one resource, if any. Functions send with their own role."
  type = object({
    service    = string
    source_arn = string
  })
  default = null
}

variable "alarm" {
  description = "From which age of the oldest message on the queue is behind, and which topics receive the alarm."
  type = object({
    oldest_message_seconds = number
    actions                = optional(list(string), [])
  })
}

variable "kms_key_arn" {
  description = "The key that encrypts messages; null: SQS's own. Its policy has to let the publisher use it."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that the module makes."
  type        = map(string)
  default     = {}
}
