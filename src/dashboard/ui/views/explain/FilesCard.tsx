/** Files that take the place of those on GitHub: the source's, and any number of targets'. */
import { useId } from "preact/hooks"
import { filters } from "../../api/Questions.ts"
import { Card } from "../../components/Card.tsx"
import { Combobox } from "../../components/Combobox.tsx"
import { Icon } from "../../components/Icon.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import type { Explaining } from "../../hooks/Explaining.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { type DraftProblems, sourceId, type TargetFile, withFile, withoutFile, withTarget } from "../../state/Draft.ts"
import { FormField, Wrong } from "./Field.tsx"
import { FileEditor } from "./FileEditor.tsx"

interface Props {
  readonly explaining: Explaining
  readonly problems: DraftProblems | undefined
  readonly onPasted: () => void
  readonly goTo: (id: string, line?: number, column?: number) => void
}

const Target = ({ file, explaining, problems, ...rest }: Props & { readonly file: TargetFile }) => {
  const { draft, change } = explaining
  const { value: choices } = useRemote(filters)
  const { id, repository, text } = file
  const wrong = problems?.targets.get(id)
  return (
    <section class="file" aria-label={`File of target ${repository || "without a name"}`}>
      <header>
        <span class="chip">Target</span>
        <div class="field">
          <Combobox
            look="field"
            label="Target repository"
            placeholder="owner/name"
            options={choices?.targets ?? []}
            value={repository || undefined}
            onChange={(name = "") => change(withFile(draft, id, { repository: name }))}
            accepts={() => true}
            problem={wrong === undefined ? undefined : `wrong-${id}`}
          />
        </div>
        <button
          type="button"
          class="button is-quiet is-small"
          aria-label={`Remove the file of ${repository || "this target"}`}
          onClick={() => change(withoutFile(draft, id))}
        >
          Remove
        </button>
      </header>
      <Wrong id={`wrong-${id}`} text={wrong} />
      <FileEditor
        id={id}
        repository={repository.trim()}
        text={text}
        onText={(next) => change(withFile(draft, id, { text: next }))}
        explaining={explaining}
        {...rest}
      />
    </section>
  )
}

export const FilesCard = (props: Props) => {
  const { explaining, onPasted, goTo } = props
  const { draft, change } = explaining
  const repository = draft.supposed.repository?.trim() ?? ""
  const branch = useId()
  const isPasted = [draft.source, ...draft.targets.map(({ text }) => text)].some((text) => text.trim() !== "")
  return (
    <Card area="files" title="dispatching.yml" note="optional">
      <div class="card-body files">
        <p class="note">
          Paste a file to try it here before it is on GitHub. What is not pasted is read from there, as it is now.
        </p>
        <section class="file" aria-label="File of the source">
          <header>
            <span class="chip">Source</span>
            {repository === "" ? <span class="muted">the repository above</span> : <RepositoryText name={repository} />}
          </header>
          <FileEditor
            id={sourceId}
            repository={repository}
            text={draft.source}
            onText={(source) => change({ ...draft, source })}
            explaining={explaining}
            onPasted={onPasted}
            goTo={goTo}
          />
        </section>
        {draft.targets.map((file) => (
          <Target key={file.id} file={file} {...props} />
        ))}
        <div class="adding">
          <button type="button" class="button" onClick={() => change(withTarget(draft))}>
            <Icon name="plus" />
            Add a target's file
          </button>
          {isPasted && (
            <FormField label="Default branch of these" id={branch}>
              <input
                id={branch}
                placeholder="main"
                autocomplete="off"
                spellcheck={false}
                value={draft.defaultBranch}
                onInput={({ currentTarget }) => change({ ...draft, defaultBranch: currentTarget.value })}
              />
            </FormField>
          )}
        </div>
      </div>
    </Card>
  )
}
