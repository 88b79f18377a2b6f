# The images. A tag never changes its meaning, and functions name images by digest.

locals {
  images_kept = 30

  # A deployment gives what it has put to work this tag, and the commit behind it (infrastructure/deploy/promote.sh).
  deployed_prefix = "deployed-"
  # More deployments than anyone goes back.
  deployed_kept = 500
}

resource "aws_ecr_repository" "image" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.data.deletion_protection
  tags                 = local.tags.all

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_lifecycle_policy" "image" {
  repository = aws_ecr_repository.image.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images without a tag are of no release"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        # What a rule has chosen, no later rule lets expire: so the last one is not about images that were deployed.
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
        rulePriority = 2
        description  = "What an alias names or named is kept"
        selection = {
          tagStatus = "tagged", tagPrefixList = [local.deployed_prefix], countType = "imageCountMoreThan", countNumber = local.deployed_kept
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "The latest ${local.images_kept} images can be deployed"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = local.images_kept }
        action       = { type = "expire" }
      }
    ]
  })
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

# Lambda reads the images for this system's functions, and for no others.
resource "aws_ecr_repository_policy" "image" {
  repository = aws_ecr_repository.image.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FunctionsOfThisSystem"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = {
        ArnLike = {
          "aws:SourceArn" = join(":", [
            "arn", data.aws_partition.current.partition, "lambda", data.aws_region.current.region,
            data.aws_caller_identity.current.account_id, "function", "${var.name}-*"
          ])
        }
      }
    }]
  })
}
