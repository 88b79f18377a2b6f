# The rules that come with tflint, about Terraform itself; no plugin has to be downloaded.
plugin "terraform" {
  enabled = true
  preset  = "recommended"
}
