# The state's address is kept out of the repository: `terraform init -backend-config=backend.hcl`.
terraform {
  backend "s3" {}
}
