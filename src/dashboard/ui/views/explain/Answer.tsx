/** An explanation: the verdict, what the source's file turned out to be, each target rule by rule, and the rules that are skipped. */

import type { Explanation } from "../../../../domain/Explanation.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon } from "../../components/Icon.tsx"
import { verdictOf } from "../../format/Verdict.ts"
import type { Explaining } from "../../hooks/Explaining.ts"
import { givenText } from "../../state/Draft.ts"
import { type AnswerTools, Issues } from "./Issues.tsx"
import { SkippedRuleList } from "./SkippedRules.tsx"
import { TargetAnswer } from "./TargetAnswer.tsx"

interface Props extends AnswerTools {
  readonly explanation: Sent<Explanation>
  readonly explaining: Explaining
}

const Run = ({ run: { repository, workflow, branch, conclusion, event, fork } }: Pick<Sent<Explanation>, "run">) => (
  <p class="muted">
    <code>{workflow}</code> of {repository} on <code>{branch}</code>, started by {event}
    {fork && " from a fork"}, ends with {conclusion.replaceAll("_", " ")}
  </p>
)

/** The workflows that rules are about, to go on with one of them. */
const Workflows = ({ explanation: { workflows, run }, explaining }: Pick<Props, "explanation" | "explaining">) => {
  const { draft, change, ask } = explaining
  if (workflows.length === 0) return <p>Its dispatching.yml has no outbound rule.</p>
  return (
    <>
      <p>The outbound rules of {run.repository} are about:</p>
      <p class="chips">
        {workflows.map((workflow) => (
          <button
            key={workflow}
            type="button"
            class="button is-small"
            onClick={() => {
              change({ ...draft, supposed: { ...draft.supposed, workflow } })
              ask()
            }}
          >
            {workflow}
          </button>
        ))}
      </p>
    </>
  )
}

/** Why there are no targets, and what to do about it. */
const NoTargets = (props: Props) => {
  const { explanation, paste, goTo, explaining } = props
  const { run, config } = explanation
  const pasted =
    explaining.explained !== undefined && givenText(explaining.explained.request, run.repository) !== undefined
  const offer = (
    <button type="button" class="button is-small" onClick={() => paste(run.repository)}>
      Paste one
    </button>
  )
  switch (config._tag) {
    case "Found":
      return <Workflows {...props} />
    case "Absent":
      return (
        <>
          <p>So it starts nothing. Looked for in the root of its default branch, and in .github.</p>
          {config.hint === undefined ? null : <p>{config.hint}.</p>}
          <p>{offer}</p>
        </>
      )
    case "Unreachable":
      return (
        <>
          <p>
            {config.message.replace(/\.?$/, ".")} Mostly the repository does not exist, or the App is not installed on
            it.
          </p>
          <p>{offer}</p>
        </>
      )
    case "Invalid":
      return (
        <>
          <p>A file with a mistake lets nothing through.</p>
          <Issues
            issues={config.issues}
            onPick={pasted ? ({ line, column }) => goTo(run.repository, line, column) : undefined}
          />
        </>
      )
  }
}

export const ExplainAnswer = (props: Props) => {
  const { explanation, explaining, goTo, paste } = props
  const { status, text } = verdictOf(explanation)
  return (
    <>
      <div class={`upshot is-${status}`}>
        <Icon name={status} />
        <div>
          <strong>{text}</strong>
          <Run run={explanation.run} />
        </div>
      </div>
      {explanation.targets.length === 0 && explanation.skipped.length === 0 && (
        <div class={`no-targets is-${status}`}>
          <NoTargets {...props} />
        </div>
      )}
      {explanation.targets.length > 0 && (
        <ol class="timeline is-plain">
          {explanation.targets.map((target, index) => (
            <TargetAnswer
              key={index}
              target={target}
              explanation={explanation}
              request={explaining.explained?.request}
              goTo={goTo}
              paste={paste}
            />
          ))}
        </ol>
      )}
      <SkippedRuleList skipped={explanation.skipped} request={explaining.explained?.request} goTo={goTo} />
    </>
  )
}
