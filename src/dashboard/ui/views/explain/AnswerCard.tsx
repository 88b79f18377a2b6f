/** What would become of the run; before that, what this is for, that it is being asked, or why it is unknown. */

import type { ApiFailure } from "../../api/Failure.ts"
import { Card } from "../../components/Card.tsx"
import { Icon, type IconName } from "../../components/Icon.tsx"
import { Empty, Skeleton } from "../../components/Notices.tsx"
import { explanationTables } from "../../export/ExplanationTables.ts"
import { explanationText } from "../../export/ExplanationText.ts"
import { copy } from "../../export/ToBrowser.ts"
import { verdictOf } from "../../format/Verdict.ts"
import type { Explaining } from "../../hooks/Explaining.ts"
import { useExported, usePage } from "../../hooks/Page.ts"
import type { Explained } from "../../state/Page.ts"
import { formatView, initialView } from "../../state/View.ts"
import { ExplainAnswer } from "./Answer.tsx"
import type { AnswerTools } from "./Issues.tsx"

interface Props extends AnswerTools {
  readonly explaining: Explaining
  readonly retry: () => void
}

const linkTo = ({ supposed }: Explained): string =>
  `${location.origin}${location.pathname}${formatView({ ...initialView, tab: "explain", supposed })}`

interface CopyProps {
  readonly icon: IconName
  /** What is copied, as it stands on the button. */
  readonly label: string
  readonly title: string
  readonly text: () => string
  /** What is said then. */
  readonly done: string
}

/** Copies something, and says so. What is copied is made when it is asked for. */
const CopyButton = ({ icon, label, title, text, done }: CopyProps) => {
  const { notice } = usePage()
  const onClick = async () => {
    const taken = await copy(text())
    notice.set(taken ? { tone: "good", text: done } : { tone: "bad", text: "The browser does not let this page copy." })
  }
  return (
    <button type="button" class="button is-small" title={title} onClick={() => void onClick()}>
      <Icon name={icon} />
      {label}
    </button>
  )
}

const Refused = ({ failure, retry }: { readonly failure: ApiFailure; readonly retry: () => void }) => (
  <div class="empty is-bad" role="alert">
    <Icon name="warning" />
    <strong>This could not be explained</strong>
    <p>{failure.message}</p>
    <button type="button" class="button" onClick={retry}>
      Try again
    </button>
  </div>
)

const Nothing = ({ tryExample }: Pick<Explaining, "tryExample">) => (
  <Empty icon="explain" title="What would a run start?">
    Name a repository and a workflow: each target is decided about by the rules of both sides, and each rule says why.
    Nothing is started, stored or published.
    <span class="choices">
      <button type="button" class="button" onClick={tryExample}>
        Try an example
      </button>
    </span>
  </Empty>
)

const Tools = ({ explained }: { readonly explained: Explained }) => {
  const { answer, request } = explained
  if (answer?._tag !== "Answered" || explained.busy) return null
  return (
    <>
      <CopyButton
        icon="link"
        label="Copy link"
        title="Copy the address of this question"
        text={() => linkTo(explained)}
        done={
          request.configs === undefined
            ? "The link is copied."
            : "The link is copied. Pasted files are not part of it: who opens it sees the rules on GitHub."
        }
      />
      <CopyButton
        icon="copy"
        label="Copy text"
        title="Copy the answer as text"
        text={() => explanationText(answer.value)}
        done="The answer is copied."
      />
    </>
  )
}

export const AnswerCard = ({ explaining, retry, ...tools }: Props) => {
  const { explained, isChanged, tryExample } = explaining
  const { answer, busy = false } = explained ?? {}
  const value = answer?._tag === "Answered" ? answer.value : undefined
  const [targets, checks] = explanationTables(value)
  useExported(targets)
  useExported(checks)
  return (
    <Card area="answer" title="What would happen" tools={explained && <Tools explained={explained} />}>
      <p class="hidden" role="status">
        {busy ? "Asking…" : value === undefined ? "" : verdictOf(value).text}
      </p>
      {explained === undefined ? (
        <Nothing tryExample={tryExample} />
      ) : answer === undefined ? (
        <div class="card-body" aria-busy="true">
          <Skeleton lines={8} />
        </div>
      ) : (
        <div class={`card-body${busy ? " is-outdated" : ""}`} aria-busy={busy}>
          {isChanged && !busy && (
            <p class="stale">
              You changed something since.{" "}
              <button type="button" class="textual" onClick={retry}>
                Explain again
              </button>
            </p>
          )}
          {answer._tag === "Failed" ? (
            <Refused failure={answer.failure} retry={retry} />
          ) : (
            <ExplainAnswer explanation={answer.value} explaining={explaining} {...tools} />
          )}
        </div>
      )}
    </Card>
  )
}
