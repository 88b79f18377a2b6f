/**
 * What is being written in the Explain view: the run, and texts of `dispatching.yml` that take the place of those on GitHub.
 *
 * The texts are too long for an address, so a shared link leaves them out; the draft stays with the browser's tab until that is closed.
 */

import { type Decoder, list, struct, text } from "../api/Decode.ts"
import type { ExplainBody } from "../api/Questions.ts"
import { isRepositoryName, isSameRepository } from "../format/GitHub.ts"
import {
  formatHypothetical,
  type HypotheticalInput,
  nothingFilledIn,
  parseHypothetical,
  tidied
} from "./HypotheticalInput.ts"

/** A pasted file of a target. */
export interface TargetFile {
  /** Identifies editors, while their repositories are being typed. */
  readonly id: string
  readonly repository: string
  readonly text: string
}

export interface ExplainDraft {
  readonly supposed: HypotheticalInput
  /** The source's file; blank: its own on GitHub. */
  readonly source: string
  readonly targets: ReadonlyArray<TargetFile>
  /** Of the repositories whose files are pasted; blank: `main`. */
  readonly defaultBranch: string
}

export const emptyDraft: ExplainDraft = {
  supposed: { ...nothingFilledIn, workflow: "ci.yml" },
  source: "",
  targets: [],
  defaultBranch: ""
}

const stored: Decoder<Omit<ExplainDraft, "supposed"> & { readonly supposed: string }> = struct({
  supposed: text,
  source: text,
  targets: list(struct({ id: text, repository: text, text })),
  defaultBranch: text
})

/** The draft as text, for the browser to keep. */
export const formatDraft = (draft: ExplainDraft): string =>
  JSON.stringify({ ...draft, supposed: formatHypothetical(draft.supposed) })

const parsed = (kept: string): unknown => {
  try {
    return JSON.parse(kept)
  } catch {
    return undefined
  }
}

/** Reads a kept draft; what is none is an empty one. */
export const parseDraft = (kept: string | null): ExplainDraft => {
  if (kept === null) return emptyDraft
  const draft = stored(parsed(kept), "draft")
  if (draft._tag === "UnexpectedAnswer") return emptyDraft
  return { ...draft.value, supposed: parseHypothetical(new URLSearchParams(draft.value.supposed)) }
}

/** An id that no file of the draft has. */
const freeId = ({ targets }: ExplainDraft): string => `${1 + Math.max(0, ...targets.map(({ id }) => Number(id) || 0))}`

/** With an editor more, for the file of a repository that may yet have to be named. */
export const withTarget = (draft: ExplainDraft, repository = ""): ExplainDraft => ({
  ...draft,
  targets: [...draft.targets, { id: freeId(draft), repository, text: "" }]
})

/** With something changed about one file. */
export const withFile = (draft: ExplainDraft, id: string, changes: Partial<TargetFile>): ExplainDraft => ({
  ...draft,
  targets: draft.targets.map((file) => (file.id === id ? { ...file, ...changes } : file))
})

/** Without one file. */
export const withoutFile = (draft: ExplainDraft, id: string): ExplainDraft => ({
  ...draft,
  targets: draft.targets.filter((file) => file.id !== id)
})

const isBlank = (content: string): boolean => content.trim() === ""

/** What keeps a draft from being asked about: by field, and by the id of a target's file. */
export interface DraftProblems {
  readonly repository: string | undefined
  readonly workflow: string | undefined
  readonly targets: ReadonlyMap<string, string>
}

const fullName = "A full name is needed: owner/name."

const targetProblem = ({ supposed, targets }: ExplainDraft, { id, repository, text: content }: TargetFile) => {
  const named = repository.trim()
  if (isBlank(content) && named === "") return undefined
  if (!isRepositoryName(named)) return fullName
  const before = targets.slice(
    0,
    targets.findIndex((file) => file.id === id)
  )
  if (isSameRepository(named, supposed.repository ?? "")) return "This is the source; its file is the first one."
  return before.some((file) => isSameRepository(file.repository.trim(), named))
    ? "It has a file above already."
    : undefined
}

export const problemsOf = (draft: ExplainDraft): DraftProblems => {
  const { repository, workflow } = tidied(draft.supposed)
  return {
    repository: isRepositoryName(repository ?? "") ? undefined : fullName,
    workflow: workflow === undefined ? "A file name is needed, such as ci.yml." : undefined,
    targets: new Map(
      draft.targets.flatMap((file) => {
        const problem = targetProblem(draft, file)
        return problem === undefined ? [] : [[file.id, problem] as const]
      })
    )
  }
}

/** The question that a draft asks; undefined while it has {@link problemsOf problems}. */
export const requestOf = (draft: ExplainDraft): ExplainBody | undefined => {
  const problems = problemsOf(draft)
  const { repository, workflow, branch, conclusion, event, fork } = tidied(draft.supposed)
  if (repository === undefined || problems.repository !== undefined) return undefined
  if (workflow === undefined || problems.targets.size > 0) return undefined
  const files = [{ repository, text: draft.source }, ...draft.targets].filter((file) => !isBlank(file.text))
  return {
    run: {
      repository,
      workflow,
      ...(branch === undefined ? {} : { branch }),
      ...(conclusion === undefined ? {} : { conclusion }),
      ...(event === undefined ? {} : { event }),
      ...(fork ? { fork } : {})
    },
    ...(files.length === 0
      ? {}
      : {
          configs: Object.fromEntries(files.map((file) => [file.repository.trim(), file.text])),
          defaultBranch: draft.defaultBranch.trim() || "main"
        })
  }
}

/** The text that a question gives for a repository; undefined: it is to be read from GitHub. */
export const givenText = ({ configs = {} }: ExplainBody, repository: string): string | undefined =>
  Object.entries(configs).find(([name]) => isSameRepository(name, repository))?.[1]

/** The id of the source's file among the editors. */
export const sourceId = "source"

/** The id of the editor in which a repository's file is written. */
export const editorOf = ({ supposed, targets }: ExplainDraft, repository: string): string | undefined =>
  isSameRepository(supposed.repository ?? "", repository)
    ? sourceId
    : targets.find((file) => isSameRepository(file.repository.trim(), repository))?.id
