# Places for the secrets. Their values are put there by people (infrastructure/README.md says how) and never pass through Terraform, so
# that no state and no plan ever holds them.

locals {
  secrets = merge(
    {
      webhook_secret = "The webhook secret of the GitHub App"
      private_key    = "The private key of the GitHub App, as PEM"
    },
    var.dashboard ? { admin_token = "The token that opens the dashboard" } : {}
  )
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.secrets

  name        = "${var.name}/${replace(each.key, "_", "-")}"
  description = each.value
  kms_key_id  = var.kms_key_arn
  tags        = local.tags.secrets
  # Deleted by mistake in prod, a secret can be restored for this long; elsewhere its name is free again at once.
  recovery_window_in_days = var.data.deletion_protection ? 30 : 0
}
