/** What would become of one target: the decision rule by rule, and what it would be started with. */

import type { ExplainedTarget, Explanation } from "../../../../domain/Explanation.ts"
import type { ExplainBody } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { RepositoryText } from "../../components/Repository.tsx"
import { isSameRepository } from "../../format/GitHub.ts"
import { reasonLabel } from "../../format/Words.ts"
import { givenText } from "../../state/Draft.ts"
import { CheckLines } from "../CheckLines.tsx"
import { Step } from "../journey/Step.tsx"
import { type AnswerTools, Issues } from "./Issues.tsx"

interface Props extends AnswerTools {
  readonly target: Sent<ExplainedTarget>
  readonly explanation: Sent<Explanation>
  readonly request: ExplainBody | undefined
}

const Inputs = ({ inputs }: { readonly inputs: NonNullable<Sent<ExplainedTarget>["inputs"]> }) => {
  const entries = Object.entries(inputs)
  if (entries.length === 0) return <p>Started without inputs.</p>
  return (
    <dl class="inputs" aria-label="Inputs; facts of the run are made up">
      <div>
        <dt>Inputs</dt>
        <dd>facts of the run are made up</dd>
      </div>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{value}</code>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Whether the target's file has a say in the denial, so that another file might change it. */
const isTargets = (code: string): boolean => /^(target_(config|unreachable)|inbound_|inputs_not_accepted)/.test(code)

const Denial = ({ target: { decision }, explanation, request, goTo, paste }: Props) => {
  if (decision._tag === "Allowed") return null
  const { denial, target } = decision
  const pasted = request !== undefined && givenText(request, target.repository) !== undefined
  const config = explanation.configs.find((one) => isSameRepository(one.repository, target.repository))?.config
  return (
    <>
      <p class="because">
        <strong title={denial.code}>{reasonLabel(denial.code)}: </strong>
        {denial.message}
      </p>
      {denial.code === "target_config_invalid" && config?._tag === "Invalid" && (
        <Issues
          issues={config.issues}
          onPick={pasted ? ({ line, column }) => goTo(target.repository, line, column) : undefined}
        />
      )}
      {!pasted && isTargets(denial.code) && (
        <p>
          <button type="button" class="button is-small" onClick={() => paste(target.repository)}>
            Paste its dispatching.yml
          </button>
        </p>
      )}
    </>
  )
}

export const TargetAnswer = (props: Props) => {
  const { target, request, goTo } = props
  const { decision, inputs } = target
  const { repository, workflow, ref } = decision.target
  const isAllowed = decision._tag === "Allowed"
  return (
    <Step
      status={isAllowed ? "dispatched" : "denied"}
      at={undefined}
      since=""
      word={isAllowed ? "Would start" : "Denied"}
      title={
        <>
          <RepositoryText name={repository} />
          <span class="muted">
            {workflow}@{ref}
          </span>
        </>
      }
    >
      <Denial {...props} />
      {inputs !== null && <Inputs inputs={inputs} />}
      <CheckLines
        checks={decision.checks}
        origin={undefined}
        goTo={(rule) =>
          request === undefined || givenText(request, rule.repository) === undefined
            ? undefined
            : () => goTo(rule.repository, rule.line)
        }
      />
    </Step>
  )
}
