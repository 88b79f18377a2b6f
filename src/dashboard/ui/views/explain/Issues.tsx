/** What is wrong with a file, place by place; where the file is in an editor, a place leads there. */
import type { PlannedConfigIssue } from "../../../../domain/Plan.ts"

/** Where what is shown of an answer leads to. */
export interface AnswerTools {
  /** Goes to a place in the editor of a repository's file. */
  readonly goTo: (repository: string, line?: number, column?: number) => void
  /** Goes to the editor of a repository's file, made if there is none. */
  readonly paste: (repository: string) => void
}

interface Props {
  readonly issues: ReadonlyArray<typeof PlannedConfigIssue.Type>
  readonly onPick?: ((issue: typeof PlannedConfigIssue.Type) => void) | undefined
}

export const Issues = ({ issues, onPick }: Props) => (
  <ol class="issues">
    {issues.map((issue, index) => {
      const { line, column, path, message } = issue
      const place = `${line}:${column}`
      return (
        <li key={index}>
          {onPick === undefined ? (
            <code title={`line ${line}, column ${column}`}>{place}</code>
          ) : (
            <button
              type="button"
              class="textual"
              aria-label={`Go to line ${line}, column ${column}`}
              title={`Go to line ${line}, column ${column}`}
              onClick={() => onPick(issue)}
            >
              <code>{place}</code>
            </button>
          )}
          <span>
            {path !== "" && !message.includes(path) && <code class="muted">{path}</code>} {message}
          </span>
        </li>
      )
    })}
  </ol>
)
