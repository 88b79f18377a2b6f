variable "region" {
  description = "AWS region."
  type        = string
}

variable "app_id" {
  description = "The id of the GitHub App."
  type        = number
}

variable "release" {
  description = "What is deployed: the digest of the image in the registry that this makes, and the version that it calls itself."
  type = object({
    digest  = string
    version = string
  })
}
