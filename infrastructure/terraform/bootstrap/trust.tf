# Whom the roles trust: the jobs of one GitHub environment of one repository.
#
# GitHub names a job in the `sub` of its token in one of two forms. Repositories that were created, renamed or transferred after 15 July 2026
# have the ids of owner and repository in it, and others may opt in (GitHub's changelog of 23 April 2026); the older form is of names only, and
# GitHub Enterprise Server knows no other. With the ids given, both forms are accepted, so that a change from one to the other stops nothing;
# without them, only the older one.

locals {
  owner = split("/", var.repository)[0]
  name  = split("/", var.repository)[1]

  subjects = concat(
    ["repo:${var.repository}"],
    var.repository_ids == null ? [] : ["repo:${local.owner}@${var.repository_ids.owner}/${local.name}@${var.repository_ids.repository}"]
  )

  # The trust policy by GitHub environment.
  trust = { for environment in toset(concat(values(local.roles)[*].github_environment, ["prod-plan"])) : environment => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}" }
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = [for subject in local.subjects : "${subject}:environment:${environment}"]
        }
      }
    }]
  }) }
}
