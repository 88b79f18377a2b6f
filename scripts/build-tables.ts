/** Writes the tables of inputs and outputs into the README of every Terraform module that has one. A test compares. */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { tablesOf, withTables } from "./terraform/Tables.ts"

const terraform = join(import.meta.dirname, "../infrastructure/terraform")
const read = (path: string) => readFileSync(path, "utf8")

for (const path of globSync("{modules,examples}/*/README.md", { cwd: terraform }).map((name) =>
  join(terraform, name)
)) {
  const text = withTables(
    read(path),
    tablesOf(read(join(dirname(path), "variables.tf")), read(join(dirname(path), "outputs.tf")))
  )
  if (text === undefined) throw new Error(`${path} has no place for tables`)
  writeFileSync(path, text)
}
