output "state_bucket" {
  description = "The bucket for states and plans."
  value       = aws_s3_bucket.state.id
}

output "role_arns" {
  description = "The role for each GitHub environment."
  value       = { for key, role in local.roles : role.github_environment => aws_iam_role.deploy[key].arn }
}

output "promotion_role_arn" {
  description = "The role with which the jobs of prod-plan pull the images that dev ran; null in an account without dev."
  value       = one(values(aws_iam_role.promote)[*].arn)
}

output "permissions_boundaries" {
  description = "Name of the permissions boundary for each environment."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => policy.name }
}
