# The service's own host name, if it has one: certificate, proven by DNS, and the records that lead to the API.
#
# With a Route 53 zone, all of it is made at once. Without one, a person makes the records where the name is administered: first those that prove
# it (output `domain`), then `validated = true`, then the one that leads to the API.

locals {
  domains = toset(var.domain[*].name)
  zones   = { for domain in var.domain[*] : domain.name => domain.zone_id if domain.zone_id != null }
  # Those that can be served: the certificate is proven, or is being.
  served = toset([for domain in var.domain[*] : domain.name if domain.zone_id != null || domain.validated])

  # Not before there is another.
  sole_address = anytrue([
    for domain in var.domain[*] : domain.sole_address == null ? domain.zone_id != null : domain.sole_address && contains(local.served, domain.name)
  ])
}

resource "aws_acm_certificate" "this" {
  for_each = local.domains

  domain_name       = each.key
  validation_method = "DNS"
  tags              = local.tags.all

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "proof" {
  for_each = local.zones

  zone_id         = each.value
  name            = one(aws_acm_certificate.this[each.key].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.this[each.key].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.this[each.key].domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

# Waits until the certificate is issued.
resource "aws_acm_certificate_validation" "this" {
  for_each = local.served

  certificate_arn         = aws_acm_certificate.this[each.key].arn
  validation_record_fqdns = contains(keys(local.zones), each.key) ? [aws_route53_record.proof[each.key].fqdn] : null
}

resource "aws_apigatewayv2_domain_name" "this" {
  for_each = local.served

  domain_name = each.key
  tags        = local.tags.all

  domain_name_configuration {
    certificate_arn = aws_acm_certificate_validation.this[each.key].certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  for_each = local.served

  api_id      = aws_apigatewayv2_api.this.id
  domain_name = aws_apigatewayv2_domain_name.this[each.key].id
  stage       = aws_apigatewayv2_stage.this.id
}

resource "aws_route53_record" "address" {
  for_each = local.zones

  zone_id = each.value
  name    = each.key
  type    = "A"

  alias {
    name                   = one(aws_apigatewayv2_domain_name.this[each.key].domain_name_configuration).target_domain_name
    zone_id                = one(aws_apigatewayv2_domain_name.this[each.key].domain_name_configuration).hosted_zone_id
    evaluate_target_health = false
  }
}
