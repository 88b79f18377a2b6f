/** Every command of infrastructure/README.md speaks of what there is: variables, outputs, resources, names, scripts, subcommands. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { functionNames } from "../../scripts/build-lambda.ts"
import { queueVariables, tableVariables } from "../../src/adapters/aws/AwsResources.ts"
import { blocksOf, namesOf, outputsOf, readsOf, setsOf, targetsOf } from "./Commands.ts"
import { files, read, root } from "./Files.ts"

const readme = read("infrastructure/README.md")
const blocks = blocksOf(readme, "sh")
const terraform = (folder: string, kind: string): ReadonlyArray<string> =>
  files
    .filter((path) => path.startsWith(`infrastructure/terraform/${folder}/`) && path.endsWith(".tf"))
    .flatMap((path) => [...read(path).matchAll(new RegExp(`^${kind}`, "gm"))].map(([, ...name]) => name.join(".")))
const outputs = (folder: string) => terraform(folder, 'output "(\\w+)"')

const bootstrap = "infrastructure/terraform/bootstrap"
const environmentDir = "$ENVIRONMENT_DIR"

/** The names of everything that a command may name behind the system's. */
const dispatcher = files
  .filter((path) => /modules\/dispatcher\/\w+\.tf$/.test(path))
  .map(read)
  .join("\n")
const named = new Set([
  ...functionNames,
  ...Object.keys(queueVariables),
  ...Object.keys(tableVariables),
  ...[...dispatcher.matchAll(/"\$\{var\.name\}-([\w-]+)"/g)].map(([, name = ""]) => name),
  ...[...dispatcher.matchAll(/"\$\{var\.name\}\/([\w-]+)"/g)].map(([, name = ""]) => `/${name}`),
  // The environments on GitHub.
  ...["plan", "read"]
])
const secretNames = [
  ...read("infrastructure/terraform/modules/dispatcher/secrets.tf").matchAll(/\b([a-z]+)_([a-z]+) += "The /g)
].map(([, one = "", other = ""]) => `/${one}-${other}`)

describe("the reader of commands", () => {
  it("finds what a command speaks of", () => {
    const block = "export A=1\nfor b in x; do aws $A --c '$D' \"$E\" $b; done\nF=$(read -r g; echo $g)\n"
    assert.deepStrictEqual(readsOf(block), ["A", "E", "b", "g"])
    assert.deepStrictEqual(setsOf(block), ["A", "F", "b", "g"])
    assert.deepStrictEqual(namesOf("aws $SYSTEM-planner:live dispatcher-$ENVIRONMENT/token"), ["planner", "/token"])
    assert.deepStrictEqual(outputsOf("terraform -chdir=$X output -raw name"), [{ folder: "$X", name: "name" }])
    assert.deepStrictEqual(blocksOf("1. a\n\n   ```sh\n   one\n     two\n   ```\n", "sh"), ["one\n  two\n"])
  })

  it("finds all blocks", () => {
    assert.strictEqual(blocks.length, readme.match(/^ *```sh$/gm)?.length)
    assert.isAbove(blocks.length, 30)
  })
})

describe("the commands", () => {
  it.each(blocks.map((block) => [block.split("\n")[0] ?? "", block]))("are a shell's: %s", (_, block) => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: block, encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
  })

  it("read variables that an earlier command set", () => {
    const set = new Set(["HOME", "EDITOR"])
    for (const block of blocks) {
      for (const name of setsOf(block)) set.add(name)
      assert.deepStrictEqual(
        readsOf(block).filter((name) => !set.has(name)),
        [],
        block
      )
    }
  })

  it("ask for outputs that there are, in their folder", () => {
    const asked = blocks.flatMap(outputsOf)
    assert.isAbove(asked.length, 8)
    for (const { folder, name } of asked) {
      const folders = folder === environmentDir ? ["environments/dev", "environments/prod"] : ["bootstrap"]
      assert.include([environmentDir, bootstrap], folder)
      for (const each of folders) assert.include(outputs(each), name)
    }
  })

  it("are bounded to resources that there are", () => {
    const resources = terraform("modules/dispatcher", 'resource "(\\w+)" "(\\w+)"')
    const targets = blocks.flatMap(targetsOf)
    assert.isNotEmpty(targets)
    for (const target of targets) assert.include(resources, target)
  })

  it("name what is called so", () => {
    const names = blocks.flatMap(namesOf).filter((name) => !name.startsWith("$"))
    assert.isAbove(names.length, 8)
    for (const name of names) assert.isTrue(named.has(name) || secretNames.includes(name), name)
  })

  it("call scripts and subcommands that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }
    for (const block of blocks) {
      for (const [path] of block.matchAll(/\binfrastructure\/[\w/-]+\.sh\b/g))
        assert.isTrue(existsSync(join(root, path)), path)
      for (const [, name = ""] of block.matchAll(/\bnpm run (?:--silent |-s )?([\w:-]+)/g))
        assert.property(scripts, name)
      for (const [, name = ""] of block.matchAll(/\bdispatcher -- ([\w-]+)/g)) {
        const commands = files.filter((path) => path.startsWith("src/entry/cli/")).map(read)
        assert.isTrue(
          commands.some((text) => new RegExp(`Command\\.make\\(\\s*"${name}"`).test(text)),
          name
        )
      }
      for (const [, script = "", word = ""] of block.matchAll(/\bdeploy\/([\w-]+\.sh) ([a-z]+)\b/g)) {
        assert.match(read(`infrastructure/deploy/${script}`), new RegExp(`^  ${word}\\) `, "m"), `${script} ${word}`)
      }
    }
  })

  it("start workflows that exist, with inputs that they have", () => {
    const started = blocks.flatMap((block) => [...block.matchAll(/gh workflow run (\S+)(.*)/g)])
    const own = started.filter(
      ([, file = ""]) => existsSync(join(root, ".github/workflows", file)) && file !== "ci.yml"
    )
    assert.isNotEmpty(own)
    for (const [, file = "", rest = ""] of own) {
      for (const [, input = ""] of rest.matchAll(/-f (\w+)=/g)) {
        assert.match(read(`.github/workflows/${file}`), new RegExp(`^ {6}${input}:$`, "m"))
      }
    }
  })

  it("set variables that there are", () => {
    const variables = ["bootstrap", "environments/prod"].flatMap((folder) => terraform(folder, 'variable "(\\w+)"'))
    for (const block of [...blocksOf(readme, "hcl"), read(`${bootstrap}/terraform.tfvars.example`)]) {
      for (const [, name = ""] of block.matchAll(/^(\w+) *=/gm)) assert.include(variables, name)
    }
  })
})
