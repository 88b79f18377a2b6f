/** The pipeline may make, change and remove every kind of resource that the modules have. A kind that is new here needs its rights, and its row. */
import { assert, describe, it } from "@effect/vitest"
import { files, read } from "./Files.ts"

const code = (folder: RegExp) =>
  files
    .filter((path) => folder.test(path) && path.endsWith(".tf"))
    .map(read)
    .join("\n")
const permissions = read("infrastructure/terraform/bootstrap/permissions.tf")

/** What Terraform asks AWS for to make and to remove a resource, and to change what can be changed of it. */
const rights: Readonly<Record<string, ReadonlyArray<string>>> = {
  aws_acm_certificate: ["acm:RequestCertificate", "acm:AddTagsToCertificate", "acm:DeleteCertificate"],
  aws_acm_certificate_validation: ["acm:DescribeCertificate"],
  aws_apigatewayv2_api: ["apigateway:POST", "apigateway:PATCH", "apigateway:DELETE", "apigateway:TagResource"],
  aws_apigatewayv2_api_mapping: ["apigateway:POST", "apigateway:DELETE"],
  aws_apigatewayv2_domain_name: ["apigateway:POST", "apigateway:TagResource", "iam:CreateServiceLinkedRole"],
  aws_apigatewayv2_integration: ["apigateway:POST", "apigateway:PATCH", "apigateway:DELETE"],
  aws_apigatewayv2_route: ["apigateway:POST", "apigateway:PATCH", "apigateway:DELETE"],
  aws_apigatewayv2_stage: ["apigateway:POST", "apigateway:PATCH", "logs:CreateLogDelivery", "logs:UpdateLogDelivery"],
  aws_cloudwatch_dashboard: ["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"],
  aws_cloudwatch_event_archive: ["events:CreateArchive", "events:UpdateArchive", "events:DeleteArchive"],
  aws_cloudwatch_event_bus: ["events:CreateEventBus", "events:UpdateEventBus", "events:DeleteEventBus"],
  aws_cloudwatch_event_rule: ["events:PutRule", "events:DeleteRule"],
  aws_cloudwatch_event_target: ["events:PutTargets", "events:RemoveTargets"],
  aws_cloudwatch_log_group: [
    "logs:CreateLogGroup",
    "logs:PutRetentionPolicy",
    "logs:DeleteLogGroup",
    "logs:AssociateKmsKey"
  ],
  aws_cloudwatch_log_metric_filter: ["logs:PutMetricFilter", "logs:DeleteMetricFilter", "logs:DescribeMetricFilters"],
  aws_cloudwatch_metric_alarm: ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource"],
  aws_dynamodb_table: [
    "dynamodb:CreateTable",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:UpdateContinuousBackups"
  ],
  aws_ecr_lifecycle_policy: ["ecr:PutLifecyclePolicy", "ecr:DeleteLifecyclePolicy"],
  aws_ecr_repository: ["ecr:CreateRepository", "ecr:PutImageTagMutability", "ecr:DeleteRepository"],
  aws_ecr_repository_policy: ["ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"],
  aws_iam_role: [
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
    "iam:PassRole",
    "iam:DeleteRole"
  ],
  aws_iam_role_policy: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
  aws_lambda_alias: ["lambda:CreateAlias", "lambda:UpdateAlias", "lambda:DeleteAlias"],
  aws_lambda_event_source_mapping: [
    "lambda:CreateEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "lambda:DeleteEventSourceMapping"
  ],
  aws_lambda_function: [
    "lambda:CreateFunction",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion"
  ],
  aws_lambda_function_event_invoke_config: [
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:DeleteFunctionEventInvokeConfig"
  ],
  aws_lambda_permission: ["lambda:AddPermission", "lambda:RemovePermission"],
  aws_route53_record: ["route53:ChangeResourceRecordSets", "route53:GetChange"],
  aws_secretsmanager_secret: [
    "secretsmanager:CreateSecret",
    "secretsmanager:UpdateSecret",
    "secretsmanager:DeleteSecret"
  ],
  aws_sqs_queue: ["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue"],
  aws_sqs_queue_policy: ["sqs:SetQueueAttributes"],
  aws_sqs_queue_redrive_allow_policy: ["sqs:SetQueueAttributes"]
}

/** What the scripts of a deployment ask AWS for, by their commands. */
const commands: Readonly<Record<string, string>> = {
  "cloudwatch describe-alarms": "cloudwatch:DescribeAlarms",
  "ecr batch-get-image": "ecr:BatchGetImage",
  "ecr describe-images": "ecr:DescribeImages",
  "ecr describe-repositories": "ecr:DescribeRepositories",
  "ecr get-login-password": "ecr:GetAuthorizationToken",
  "ecr put-image": "ecr:PutImage",
  "lambda get-alias": "lambda:GetAlias",
  "lambda get-function": "lambda:GetFunction",
  "lambda invoke": "lambda:InvokeFunction",
  "lambda update-alias": "lambda:UpdateAlias",
  "lambda wait": "lambda:GetFunctionConfiguration",
  "secretsmanager get-secret-value": "secretsmanager:GetSecretValue"
}

describe("the deploying roles", () => {
  const kinds = [...code(/terraform\/modules\//).matchAll(/^resource "(\w+)"/gm)].map(([, kind = ""]) => kind)

  it("have rights for every kind of resource of the modules", () => {
    assert.deepStrictEqual([...new Set(kinds)].toSorted(), Object.keys(rights).toSorted())
  })

  it.each(Object.entries(rights))("may make, change and remove %s", (_, actions) => {
    for (const action of actions) assert.include(permissions, `"${action}"`)
  })

  it("may do what the scripts do", () => {
    // The drill is a person's.
    const scripts = files.filter((path) => /infrastructure\/deploy\/(?!drill)[\w-]+\.sh$/.test(path)).map(read)
    const asked = scripts.flatMap((text) =>
      [...text.matchAll(/\baws ([a-z0-9]+ [a-z]+-?[a-z-]*)/g)].map(([, command = ""]) => command)
    )
    const known = [...new Set(asked)].filter((command) => !command.startsWith("sts "))
    assert.deepStrictEqual(known.toSorted(), Object.keys(commands).toSorted())
    for (const action of Object.values(commands)) assert.include(permissions, `"${action}"`)
  })
})
