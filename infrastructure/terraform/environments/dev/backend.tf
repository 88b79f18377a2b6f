# Where the state is, is nobody's business but the account's: `terraform init -backend-config=backend.hcl`.
terraform {
  backend "s3" {}
}
