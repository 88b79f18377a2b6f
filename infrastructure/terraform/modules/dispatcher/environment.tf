# Every variable that the code knows on AWS, by the code's own name. A function gets those that it reads (`contract.json`), and a
# variable that the code reads but is not set here fails the plan. Null: not set, so the code's default holds. Standard variables of telemetry
# and proxies are every function's, where `environment` sets them.

locals {
  values = merge(
    { for name, variable in local.contract.tables.variables : variable => aws_dynamodb_table.this[name].name },
    {
      PLAN_QUEUE_URL               = module.plan_queue.queue.url
      PLAN_DEAD_LETTER_QUEUE_URL   = module.plan_queue.dead_letters.url
      ORDER_QUEUE_URL              = module.order_queue.queue.url
      ORDER_DEAD_LETTER_QUEUE_URL  = module.order_queue.dead_letters.url
      REPORT_QUEUE_URL             = module.report_queue.queue.url
      REPORT_DEAD_LETTER_QUEUE_URL = module.report_queue.dead_letters.url
      FACT_QUEUE_URL               = module.fact_queue.queue.url
      FACT_DEAD_LETTER_QUEUE_URL   = module.fact_queue.dead_letters.url
      EVENT_BUS_NAME               = aws_cloudwatch_event_bus.facts.name

      GITHUB_WEBHOOK_SECRET_ARN  = aws_secretsmanager_secret.this["webhook_secret"].arn
      GITHUB_APP_PRIVATE_KEY_ARN = aws_secretsmanager_secret.this["private_key"].arn
      ADMIN_TOKEN_ARN            = try(aws_secretsmanager_secret.this["admin_token"].arn, null)

      GITHUB_APP_ID                = tostring(var.app.id)
      GITHUB_API_URL               = var.app.api_url
      DEFAULT_DISPATCH_REF         = var.policy.default_ref
      CREATE_CHECKS                = var.policy.create_checks == null ? null : tostring(var.policy.create_checks)
      CREATE_ISSUES                = var.policy.create_issues == null ? null : tostring(var.policy.create_issues)
      CLOSE_ISSUES                 = var.policy.close_issues == null ? null : tostring(var.policy.close_issues)
      SOURCE_REPO_ALLOWLIST        = length(var.policy.source_allowlist) == 0 ? null : join(",", var.policy.source_allowlist)
      TARGET_REPO_ALLOWLIST        = length(var.policy.target_allowlist) == 0 ? null : join(",", var.policy.target_allowlist)
      PUBLIC_URL                   = var.dashboard ? local.base_url : null
      REDELIVERY_SWEEP             = tostring(var.redelivery_sweep)
      DISPATCH_MAX_TARGETS_PER_RUN = var.policy.max_targets == null ? null : tostring(var.policy.max_targets)
      DISPATCH_MAX_CHAIN_DEPTH     = var.policy.max_chain_depth == null ? null : tostring(var.policy.max_chain_depth)
      DISPATCH_MAX_CHAIN_STARTS    = var.policy.max_chain_starts == null ? null : tostring(var.policy.max_chain_starts)
      DISPATCH_MAX_OTHER_OWNERS    = var.policy.max_other_owners == null ? null : tostring(var.policy.max_other_owners)

      APP_VERSION = var.release.version
      DEPLOYMENT  = local.own_dimension.Deployment
      LOG_LEVEL   = var.log_level
    }
  )

  environment = { for function, expected in local.contract.functions : function => merge(var.environment, {
    for name in expected.environment : name => local.values[name] if local.values[name] != null
  }) }
}
