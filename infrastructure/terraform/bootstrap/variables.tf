variable "region" {
  description = "Region of the state bucket and of the systems."
  type        = string
}

variable "state_bucket" {
  description = "Name of the bucket for Terraform's state, unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,62}$", var.state_bucket))
    error_message = "A bucket's name consists of 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "repository" {
  description = "The GitHub repository whose workflows deploy, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "The repository is given as owner/name."
  }
}

variable "environments" {
  description = "The environments that live in this account; a Route 53 zone only where the system has a domain of its own."
  type        = map(object({ zone_id = optional(string) }))
  default     = { dev = {}, prod = {} }

  validation {
    condition     = alltrue([for name in keys(var.environments) : contains(["dev", "prod"], name)])
    error_message = "The environments are dev and prod, the folders beside this one."
  }
}

variable "create_oidc_provider" {
  description = "Whether GitHub's identity provider is to be made; false if the account has it already (it can have one only)."
  type        = bool
  default     = true
}
