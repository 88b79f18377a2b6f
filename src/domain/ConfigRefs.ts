/**
 * What may stand where a `dispatching.yml` names branches, tags and patterns of them. Refused is what no ref of GitHub can be: such a
 * pattern would silently never match, and what was meant to narrow or exclude would not.
 *
 * Rules of names: https://git-scm.com/docs/git-check-ref-format
 */
import { Schema } from "effect"
import { form, maxNameLength } from "./ConfigForm.ts"

const quotes = `"'\`“”„‟‘’‚‛«»‹›`

/** Both ends are quotes that became a part of the value. */
export const unquoted = form(
  new RegExp(`^(?![${quotes}][\\s\\S]*[${quotes}]$)`, "u"),
  'a value whose quotes are straight (") and stand around all of it once',
  (text) => text.replaceAll(new RegExp(`^[${quotes}]+|[${quotes}]+$`, "gu"), "")
)

const notExcluding = form(
  /^(?!!)/u,
  "what is meant, such as main or release/*: an ! at the start excludes nothing, so name what is to match"
)

const noCommit = form(
  /^(?!(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$)/u,
  "a branch or tag; GitHub starts no workflow on a commit SHA"
)

const noSlashAtEnds = form(/^(?!\/)(?![\s\S]*\/$)/u, "a branch or tag without / at its start or end", (text) =>
  text.replace(/^\/+/u, "").replace(/\/+$/u, "/**")
)

const wellShaped = form(
  /^(?!\.|@$)(?![\s\S]*(?:\/\/|\.\.|@\{|\/\.|\.lock(?:\/|$)|\.$))/u,
  "what git takes for a name (no .. // or @{, no part that starts with . or ends with .lock, no . at the end)"
)

const shortEnough = Schema.isMaxLength(maxNameLength, { expected: `at most ${maxNameLength} characters` })

const common = [unquoted, noCommit, noSlashAtEnds, wellShaped, shortEnough] as const

const anyPattern = Schema.String.check(
  form(
    /^[^ \p{Cc}\p{Cs}~^:?[\\]+$/u,
    "a branch or tag, or a pattern of one with * or ** (no spaces, nor ~ ^ : ? [ \\)"
  ),
  notExcluding,
  ...common
)

/** A pattern of the short names that GitHub gives runs as their branch. */
export const BranchPattern = anyPattern
  .check(
    form(/^(?!refs\/(?:heads|tags)\/)/u, "a branch or tag without refs/heads/ or refs/tags/", (text) =>
      text.replace(/^refs\/(?:heads|tags)\//u, "")
    ),
    form(/^(?!@default$)/u, "the name of a branch: @default may stand in ref and refs only")
  )
  .annotate({ examples: ["main", "release/*"] })

/** A pattern of refs in full, or of branches. */
export const RefPattern = anyPattern
  .check(
    form(
      /^(?!refs\/(?!heads\/|tags\/|[^/]*\*))/u,
      "a branch, refs/heads/… or refs/tags/…: workflows are started on no other refs"
    )
  )
  .annotate({ examples: ["main", "release/*", "@default"] })

/** One branch or tag. */
export const Ref = Schema.String.check(
  form(/^[^ \p{Cc}\p{Cs}~^:?[\\*]+$/u, "one branch or tag, or @default (no wildcards or spaces, nor ~ ^ : ? [ \\)"),
  ...common,
  form(
    /^(?!refs\/(?!(?:heads|tags)\/))/u,
    "a branch, refs/heads/… or refs/tags/…: GitHub starts workflows on no other refs"
  )
).annotate({
  description:
    "The branch to start the workflow on, or a tag, written in full; @default is the target's default branch.",
  examples: ["main", "refs/tags/v1", "@default"]
})
