variable "stage" {
  description = "Which of the two it is: dev or prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "The stage is dev or prod."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "account" {
  description = "The stage's account: its id, and how many functions it may run at a time (`aws lambda get-account-settings`)."
  type = object({
    id          = string
    concurrency = optional(number, 10)
  })
}

variable "app_id" {
  description = "The id of the stage's GitHub App."
  type        = number
}

variable "domain" {
  description = "The stage's host name, and the Route 53 zone in its account."
  type = object({
    name    = string
    zone_id = string
  })
}

variable "release" {
  description = "What is deployed: the digest of the image in the registry that this makes, and the version that it calls itself."
  type = object({
    digest  = string
    version = string
  })
}
