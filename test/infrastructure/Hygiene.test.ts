/** Nothing in the repository says whose account it runs in, no secret passes through Terraform, and the service never runs Terraform. */
import { assert, describe, it } from "@effect/vitest"
import { files, isIgnored, read } from "./Files.ts"

/** Text files that people write. */
const written = files.filter((path) => path !== "package-lock.json" && !/\.(png|ico|woff2?)$/.test(path))
const terraform = files.filter((path) => path.startsWith("infrastructure/terraform/"))

/** `path: match` for everything in the files that matches. */
const found = (paths: ReadonlyArray<string>, pattern: RegExp): ReadonlyArray<string> =>
  paths.flatMap((path) => [...read(path).matchAll(pattern)].map(([text]) => `${path}: ${text}`))

describe("the repository", () => {
  it("holds no number that could be an account's", () => {
    // Twelve digits on their own; not the end of a GUID, and not part of something longer.
    const numbers = found(written, /(?<![\w.+/-])\d{12}(?![\w.+/-])/g)
    // No one account's: those that AWS's documentation and the emulators use.
    assert.deepStrictEqual(
      numbers.filter((number) => !/^test\/.*: (000000000000|123456789012)$/.test(number)),
      []
    )
  })

  it("holds no ARN of an account", () => {
    const arns = found(written, /arn:aws[\w-]*:[\w-]*:[\w-]*:\d{12}:/g)
    assert.deepStrictEqual(
      arns.filter((arn) => !/^test\/.*:(000000000000|123456789012):$/.test(arn)),
      []
    )
  })

  it("holds no access key and no private key", () => {
    assert.deepStrictEqual(found(written, /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g), [])
    assert.deepStrictEqual(found(written, /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{60}/g), [])
  })

  it.each([
    "infrastructure/terraform/environments/prod/terraform.tfvars",
    "infrastructure/terraform/environments/prod/release.auto.tfvars.json",
    "infrastructure/terraform/environments/prod/backend.hcl",
    "infrastructure/terraform/examples/two-accounts/prod.tfvars",
    "infrastructure/terraform/examples/two-accounts/prod.backend.hcl",
    "infrastructure/terraform/environments/prod/deployment.tfplan",
    "infrastructure/terraform/environments/prod/.terraform/modules/modules.json",
    "infrastructure/terraform/bootstrap/terraform.tfstate",
    "infrastructure/terraform/bootstrap/terraform.tfstate.backup"
  ])("does not take in %s", (path) => {
    assert.isTrue(isIgnored(path))
  })

  it.each(["bootstrap", "environments/dev", "environments/prod"])("takes in which providers %s uses", (folder) => {
    assert.isFalse(isIgnored(`infrastructure/terraform/${folder}/.terraform.lock.hcl`))
  })

  it.each(["dev", "prod"])("has an example of everything that %s must be given", (environment) => {
    const folder = `infrastructure/terraform/environments/${environment}`
    for (const name of ["terraform.tfvars.example", "backend.hcl.example"]) {
      assert.include(files, `${folder}/${name}`)
      assert.isFalse(isIgnored(`${folder}/${name}`))
    }
  })
})

describe("the Terraform code", () => {
  const code = terraform.filter((path) => path.endsWith(".tf"))

  it("puts no value into a secret, and reads none", () => {
    assert.deepStrictEqual(found(code, /aws_secretsmanager_secret_version|aws_ssm_parameter|secret_string/g), [])
  })

  it("gives every input a type and a description, and every output a description", () => {
    const blocks = code.flatMap((path) =>
      [...read(path).matchAll(/^(variable|output) "(\w+)" \{\n([\s\S]*?)^\}/gm)].map(
        ([, kind = "", name = "", body = ""]) => ({ path, kind, name, body })
      )
    )
    assert.isNotEmpty(blocks)
    const wanting = blocks.filter(
      ({ kind, body }) => !/^ {2}description += "/m.test(body) || (kind === "variable" && !/^ {2}type += /m.test(body))
    )
    assert.deepStrictEqual(
      wanting.map(({ path, name }) => `${path}: ${name}`),
      []
    )
  })

  it.each(["dev", "prod"])(
    "tags everything of %s as its own: where environments share an account, rights go by that",
    (name) => {
      const provider = /^provider "aws" \{[\s\S]*?^\}/m.exec(
        read(`infrastructure/terraform/environments/${name}/main.tf`)
      )
      assert.include(provider?.[0], `default_tags {\n    tags = { system = "dispatcher", environment = "${name}" }`)
    }
  )

  it("bounds the versions of Terraform and of the provider in every root and module", () => {
    const folders = [...new Set(code.map((path) => path.slice(0, path.lastIndexOf("/"))))]
    for (const folder of folders) {
      const versions = read(`${folder}/versions.tf`)
      assert.match(versions, /required_version = "~> /)
      assert.match(versions, /version = "~> /)
    }
  })

  it("is all checked by check.sh", () => {
    const folders = [
      ...new Set(code.map((path) => path.slice("infrastructure/terraform/".length, path.lastIndexOf("/"))))
    ]
    const checked = /^roots=\((.*)\)$/m.exec(read("infrastructure/terraform/check.sh"))?.[1]?.split(" ") ?? []
    assert.deepStrictEqual(checked.toSorted(), folders.toSorted())
    for (const folder of folders) {
      assert.isTrue(
        terraform.some((path) => path.includes(`/${folder}/tests/`) && path.endsWith(".tftest.hcl")),
        folder
      )
    }
  })
})

describe("the service", () => {
  const sources = files.filter((path) => path.startsWith("src/"))

  it("never runs Terraform, nor any other program", () => {
    assert.isNotEmpty(sources)
    assert.deepStrictEqual(found(sources, /terraform|tofu\b/gi), [])
    // `npm run dev` restarts the server for its developers; it is no part of the service.
    const service = sources.filter((path) => path !== "src/entry/dev.ts")
    assert.deepStrictEqual(found(service, /child_process|execFile|\bspawn(Sync)?\(|worker_threads/g), [])
  })

  it("has no package that could", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { readonly dependencies: Record<string, string> }
    assert.deepStrictEqual(
      Object.keys(dependencies).filter((name) => /terraform|cdktf|pulumi|execa|cross-spawn|zx$/.test(name)),
      []
    )
  })

  it("is in images without Terraform code", () => {
    assert.notMatch(read("Dockerfile"), /terraform|infrastructure/i)
  })
})
