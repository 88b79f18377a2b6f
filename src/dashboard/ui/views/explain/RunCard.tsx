/** The run that is asked about; what is left empty is what GitHub would mostly say. */

import { useId } from "preact/hooks"
import { conclusions } from "../../../../domain/Vocabulary.ts"
import { filters } from "../../api/Questions.ts"
import { Card } from "../../components/Card.tsx"
import { Combobox } from "../../components/Combobox.tsx"
import { Icon } from "../../components/Icon.tsx"
import { conclusionLabels } from "../../format/Words.ts"
import type { Explaining } from "../../hooks/Explaining.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { type DraftProblems, emptyDraft } from "../../state/Draft.ts"
import type { HypotheticalInput } from "../../state/HypotheticalInput.ts"
import { FormField, Wrong } from "./Field.tsx"

/** What mostly starts workflows; anything else may be typed. */
const events = ["push", "pull_request", "merge_group", "schedule", "workflow_dispatch", "release", "create"]

interface Props {
  readonly explaining: Explaining
  /** Undefined as long as nothing was asked in vain. */
  readonly problems: DraftProblems | undefined
}

export const RunCard = ({ explaining, problems }: Props) => {
  const { draft, change, clear, explained } = explaining
  const { supposed } = draft
  const { value: choices } = useRemote(filters)
  const id = useId()
  const suppose = (changes: Partial<HypotheticalInput>) => change({ ...draft, supposed: { ...supposed, ...changes } })
  const known = [...new Set([...(choices?.sources ?? []), ...(choices?.targets ?? [])])].toSorted()
  /** The source's own workflows, as far as the last answer named them. */
  const workflows = explained?.answer?._tag === "Answered" ? explained.answer.value.workflows : []
  const wrongRepository = problems?.repository === undefined ? undefined : `${id}-wrong-repository`
  const wrongWorkflow = problems?.workflow === undefined ? undefined : `${id}-wrong-workflow`
  return (
    <Card area="run" title="Suppose a run" note="that has not happened">
      <div class="card-body run-form">
        <div class="field is-repository">
          <Combobox
            look="field"
            label="Source repository"
            placeholder="owner/name"
            options={known}
            value={supposed.repository}
            onChange={(repository) => suppose({ repository })}
            accepts={() => true}
            problem={wrongRepository}
          />
          <Wrong id={`${id}-wrong-repository`} text={problems?.repository} />
        </div>
        <FormField label="Workflow" id={`${id}-workflow`}>
          <input
            id={`${id}-workflow`}
            list={`${id}-workflows`}
            placeholder="ci.yml"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={wrongWorkflow !== undefined}
            aria-describedby={wrongWorkflow}
            value={supposed.workflow ?? ""}
            onInput={({ currentTarget }) => suppose({ workflow: currentTarget.value })}
          />
          <datalist id={`${id}-workflows`}>
            {workflows.map((workflow) => (
              <option key={workflow} value={workflow} />
            ))}
          </datalist>
          <Wrong id={`${id}-wrong-workflow`} text={problems?.workflow} />
        </FormField>
        <FormField label="Branch" id={`${id}-branch`}>
          <input
            id={`${id}-branch`}
            placeholder="the default branch"
            autocomplete="off"
            spellcheck={false}
            value={supposed.branch ?? ""}
            onInput={({ currentTarget }) => suppose({ branch: currentTarget.value || undefined })}
          />
        </FormField>
        <FormField label="Event" id={`${id}-event`}>
          <input
            id={`${id}-event`}
            list={`${id}-events`}
            placeholder="push"
            autocomplete="off"
            spellcheck={false}
            value={supposed.event ?? ""}
            onInput={({ currentTarget }) => suppose({ event: currentTarget.value || undefined })}
          />
          <datalist id={`${id}-events`}>
            {events.map((event) => (
              <option key={event} value={event} />
            ))}
          </datalist>
        </FormField>
        <FormField label="Conclusion" id={`${id}-conclusion`}>
          <span class="select">
            <select
              id={`${id}-conclusion`}
              value={supposed.conclusion ?? "success"}
              onChange={({ currentTarget: { value } }) =>
                suppose({ conclusion: conclusions.find((one) => one === value && one !== "success") })
              }
            >
              {conclusions.map((conclusion) => (
                <option key={conclusion} value={conclusion}>
                  {conclusionLabels[conclusion]}
                </option>
              ))}
            </select>
            <Icon name="down" />
          </span>
        </FormField>
        <label class="tick">
          <input
            type="checkbox"
            checked={supposed.fork}
            onChange={({ currentTarget }) => suppose({ fork: currentTarget.checked })}
          />
          The code is a fork's
        </label>
        <div class="sending">
          <button type="submit" class="button is-primary" disabled={explained?.busy ?? false}>
            {explained?.busy ? "Explaining…" : "Explain"}
          </button>
          <span class="note keys" aria-hidden="true">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </span>
          <button type="button" class="button is-quiet" disabled={draft === emptyDraft} onClick={clear}>
            Clear
          </button>
        </div>
      </div>
    </Card>
  )
}
