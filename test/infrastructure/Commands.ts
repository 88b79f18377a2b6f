/** The commands of a document, as far as they speak of what a test can look up. */

/** Text in fences of that language, without the indentation of the list that it is in. */
export const blocksOf = (text: string, language: string): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm"))].map(
    ([, indent = "", body = ""]) => body.replaceAll(new RegExp(`^${indent}`, "gm"), "")
  )

/** A block without what a shell takes literally (single quotes), in which nothing is expanded. */
const expanded = (block: string): string => block.replaceAll(/'[^']*'/g, "''")

/** The variables that a block reads; what its own functions and loops are given is none. */
export const readsOf = (block: string): ReadonlyArray<string> =>
  [...expanded(block).matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = ""]) => name)

/** The variables that a block gives a value. */
export const setsOf = (block: string): ReadonlyArray<string> => [
  ...[...block.matchAll(/(?:^|[\s;(])([A-Za-z_]\w*)=/gm)].map(([, name = ""]) => name),
  ...[...block.matchAll(/\bfor (\w+) in|\bread -r (\w+)/g)].map(([, one, other]) => one ?? other ?? "")
]

/** What is asked of Terraform's outputs, with the folder. */
export const outputsOf = (block: string): ReadonlyArray<{ readonly folder: string; readonly name: string }> =>
  [...block.matchAll(/terraform -chdir=(\S+) output (?:-raw|-json) (\w+)/g)].map(([, folder = "", name = ""]) => ({
    folder,
    name
  }))

/** The addresses of resources that a command is bounded to. */
export const targetsOf = (block: string): ReadonlyArray<string> =>
  [...block.matchAll(/-target=module\.dispatcher\.(\w+\.\w+)/g)].map(([, name = ""]) => name)

/** What is called in the system's name: `dispatcher-$ENVIRONMENT-planner`, `$SYSTEM-planner`, `dispatcher-prod-drill`; the part behind it. */
export const namesOf = (block: string): ReadonlyArray<string> =>
  [...block.matchAll(/(?:dispatcher-(?:\$ENVIRONMENT|prod|dev|ENV)|\$SYSTEM)([-/])(\$?[\w-]+)/g)].map(
    ([, separator = "", name = ""]) => (separator === "/" ? `/${name}` : name)
  )
