/** The repository's files as tests about them see them. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../..")

/** The text of a file, by its path from the root. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

const git = (...args: ReadonlyArray<string>): string => execFileSync("git", args, { cwd: root, encoding: "utf8" })

/** Every file that is or may become part of the repository: what git does not ignore. */
export const files: ReadonlyArray<string> = git(
  "ls-files",
  "--cached",
  "--others",
  "--exclude-standard",
  "--deduplicate"
)
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)))

/** Whether git would ignore a file of that path. */
export const isIgnored = (path: string): boolean => {
  try {
    git("check-ignore", "--quiet", "--no-index", path)
    return true
  } catch {
    return false
  }
}
