/** The editor of one repository's file, and what the last answer found wrong with it. */
import { useRef } from "preact/hooks"
import type { PlannedConfigIssue } from "../../../../domain/Plan.ts"
import { Editor } from "../../components/Editor.tsx"
import { isSameRepository } from "../../format/GitHub.ts"
import type { Explaining } from "../../hooks/Explaining.ts"
import { givenText } from "../../state/Draft.ts"
import type { Explained } from "../../state/Page.ts"
import { Issues } from "./Issues.tsx"

/** The id of an editor's field in the document. */
export const editorId = (id: string): string => `file-${id}`

interface Props {
  readonly id: string
  readonly repository: string
  readonly text: string
  readonly onText: (text: string) => void
  readonly explaining: Explaining
  readonly onPasted: () => void
  readonly goTo: (id: string, line?: number, column?: number) => void
}

/** What is wrong with the text that was given for a repository, by the last answer. */
const issuesOf = (
  explained: Explained | undefined,
  repository: string
): ReadonlyArray<typeof PlannedConfigIssue.Type> => {
  if (explained?.answer?._tag !== "Answered" || givenText(explained.request, repository) === undefined) return []
  const { run, config, configs } = explained.answer.value
  const found = isSameRepository(run.repository, repository)
    ? config
    : configs.find((one) => isSameRepository(one.repository, repository))?.config
  return found?._tag === "Invalid" ? found.issues : []
}

export const FileEditor = ({ id, repository, text, onText, explaining, onPasted, goTo }: Props) => {
  const field = useRef<HTMLTextAreaElement>(null)
  const { explained } = explaining
  const issues = issuesOf(explained, repository)
  const isAsGiven = explained !== undefined && givenText(explained.request, repository) === text
  const list = `${editorId(id)}-problems`
  return (
    <>
      <Editor
        id={editorId(id)}
        label={`dispatching.yml of ${repository || "this repository"}`}
        value={text}
        placeholder={"Read from GitHub.\nPaste a dispatching.yml to try another one."}
        onInput={onText}
        onPaste={onPasted}
        marks={isAsGiven ? [...new Set(issues.map(({ line }) => line))] : []}
        problems={issues.length === 0 ? undefined : list}
        field={field}
      />
      {issues.length > 0 && (
        <div class="editor-problems" id={list}>
          {!isAsGiven && <p class="note">As it was before you changed it:</p>}
          <Issues issues={issues} onPick={({ line, column }) => goTo(id, line, column)} />
        </div>
      )}
    </>
  )
}
