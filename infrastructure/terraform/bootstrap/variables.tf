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

variable "repository_ids" {
  description = "The ids of the repository's owner and of the repository, which GitHub's tokens of newer repositories name: `gh api repos/OWNER/NAME --jq '.owner.id, .id'`. Null: the older form of tokens only."
  type = object({
    owner      = number
    repository = number
  })
  default = null

  validation {
    condition = var.repository_ids == null ? true : alltrue([
      for id in [var.repository_ids.owner, var.repository_ids.repository] : id >= 1 && floor(id) == id
    ])
    error_message = "The ids are positive whole numbers."
  }
}

variable "environments" {
  description = "The environments that live in this account, and what the pipeline may use for them: `domain`, a host name of its own (with `zone_id`, in that Route 53 zone); `kms_key_arn`, a key of your own; `vpc`, functions in a VPC; `tracing`, X-Ray."
  type = map(object({
    domain      = optional(bool, false)
    zone_id     = optional(string)
    kms_key_arn = optional(string)
    vpc         = optional(bool, false)
    tracing     = optional(bool, false)
  }))
  default = { dev = {}, prod = {} }

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
