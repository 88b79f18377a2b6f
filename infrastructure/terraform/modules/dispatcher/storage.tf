# The tables, as `contract.json` says the code expects them: no indexes, nothing is scanned.

locals {
  table_keys = [local.contract.tables.partitionKey, local.contract.tables.sortKey]
  table_arns = { for name, table in aws_dynamodb_table.this : name => table.arn }

  # What is in `projections`, `dispatcher rebuild` makes anew from the event log.
  recoverable = var.data.point_in_time_recovery ? ["ledger", "events"] : []
}

resource "aws_dynamodb_table" "this" {
  for_each = local.contract.tables.variables

  name                        = "${var.name}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = local.contract.tables.partitionKey.name
  range_key                   = local.contract.tables.sortKey.name
  deletion_protection_enabled = var.data.deletion_protection
  tags                        = local.tags.tables

  dynamic "attribute" {
    for_each = local.table_keys

    content {
      name = attribute.value.name
      type = attribute.value.type
    }
  }

  ttl {
    enabled        = true
    attribute_name = local.contract.tables.timeToLive
  }

  point_in_time_recovery {
    enabled                 = contains(local.recoverable, each.key)
    recovery_period_in_days = contains(local.recoverable, each.key) ? var.data.recovery_days : null
  }

  # With a key in KMS, whose use is logged; the table would be encrypted without this as well.
  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}
