# The images. A tag never changes its meaning, and functions name images by digest.

locals {
  images_kept = 30
}

resource "aws_ecr_repository" "image" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.data.deletion_protection

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
        rulePriority = 2
        description  = "The latest ${local.images_kept} releases can be gone back to"
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
