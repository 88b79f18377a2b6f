/** The rules that are not about a run: once for each rule what it asked in vain; their targets were not looked at. */

import type { Skipped } from "../../../../domain/Decision.ts"
import type { ExplainBody } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { reasonLabel } from "../../format/Words.ts"
import { givenText } from "../../state/Draft.ts"
import { CheckLines } from "../CheckLines.tsx"
import { Step } from "../journey/Step.tsx"
import type { AnswerTools } from "./Issues.tsx"

interface Props extends Pick<AnswerTools, "goTo"> {
  readonly skipped: ReadonlyArray<Sent<Skipped>>
  readonly request: ExplainBody | undefined
}

const SkippedRule = ({ skipped, request, goTo }: Omit<Props, "skipped"> & { readonly skipped: Sent<Skipped> }) => {
  const { rule, check, message } = skipped
  return (
    <Step
      status="ignored"
      at={undefined}
      since=""
      word="Skipped"
      title={
        <>
          {rule.path}
          <span class="muted">
            {rule.file}:{rule.line}
          </span>
        </>
      }
    >
      <p class="because">
        <strong title={check.name}>{reasonLabel(check.name)}: </strong>
        {message}
      </p>
      <CheckLines
        checks={[check]}
        origin={undefined}
        goTo={(of) =>
          request === undefined || givenText(request, of.repository) === undefined
            ? undefined
            : () => goTo(of.repository, of.line)
        }
      />
    </Step>
  )
}

export const SkippedRuleList = ({ skipped, ...tools }: Props) =>
  skipped.length === 0 ? null : (
    <ol class="timeline is-plain" aria-label="Skipped rules">
      {skipped.map((one) => (
        <SkippedRule key={one.rule.path} skipped={one} {...tools} />
      ))}
    </ol>
  )
