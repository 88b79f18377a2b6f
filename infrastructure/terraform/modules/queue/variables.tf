variable "name" {
  description = "Name of the queue; its dead-letter queue is called NAME-dead."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,70}$", var.name))
    error_message = "The name consists of 2 to 71 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "delivery" {
  description = "How often a message is handed out before SQS makes it a dead letter, how long dead letters are kept, and how long one invocation may work on a message, the time for collecting a batch included."
  type = object({
    max_attempts     = number
    dead_letter_days = number
    consumer_seconds = number
  })

  validation {
    condition     = var.delivery.max_attempts >= 1 && var.delivery.max_attempts <= 1000
    error_message = "SQS hands a message out 1 to 1000 times."
  }

  validation {
    condition     = var.delivery.dead_letter_days >= 5 && var.delivery.dead_letter_days <= 14
    error_message = "Dead letters are kept for longer than messages (4 days), and SQS keeps nothing for longer than 14 days."
  }

  validation {
    condition     = 6 * var.delivery.consumer_seconds <= 43200
    error_message = "SQS hides a message for 12 hours at most, and the queue hides it for six times the consumer's time."
  }
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
  description = "From which age of the oldest message on the queue is behind, and who is told."
  type = object({
    oldest_message_seconds = number
    actions                = optional(list(string), [])
  })
}
