/**
 * Explain: what a run that has not happened would start, and rule by rule why, with files that are pasted here in the place of those on
 * GitHub. On the left what is asked, on the right the answer; nothing is started, stored or published.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import { goToPlace } from "../../components/Editor.tsx"
import { useExplaining } from "../../hooks/Explaining.ts"
import { editorOf, problemsOf, withTarget } from "../../state/Draft.ts"
import { AnswerCard } from "./AnswerCard.tsx"
import { editorId } from "./FileEditor.tsx"
import { FilesCard } from "./FilesCard.tsx"
import { RunCard } from "./RunCard.tsx"

/** Goes to an editor, at a place in it. */
const goToEditor = (id: string, line = 1, column = 1): void => {
  const field = document.getElementById(editorId(id))
  if (field instanceof HTMLTextAreaElement) goToPlace(field, line, column)
}

/** Where the answer is below the form, it comes into view when it is there. */
const useComing = (busy: boolean) => {
  const answer = useRef<HTMLDivElement>(null)
  const before = useRef(busy)
  useEffect(() => {
    const isBelow = (answer.current?.offsetLeft ?? 0) < 100
    if (before.current && !busy && isBelow) answer.current?.scrollIntoView()
    before.current = busy
  }, [busy])
  return answer
}

export const Explain = () => {
  const explaining = useExplaining()
  const { draft, change, ask } = explaining
  const form = useRef<HTMLFormElement>(null)
  const [checked, check] = useState(false)
  const answer = useComing(explaining.explained?.busy ?? false)

  const submit = () => {
    const isQuestion = ask()
    check(!isQuestion)
    // What is wrong is said only when this has been rendered.
    if (!isQuestion) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("input[aria-invalid=true]")?.focus())
    }
  }
  const goTo = (repository: string, line?: number, column?: number) => {
    const id = editorOf(draft, repository)
    if (id !== undefined) goToEditor(id, line, column)
  }
  const paste = (repository: string) => {
    const next = editorOf(draft, repository) === undefined ? withTarget(draft, repository) : draft
    change(next)
    requestAnimationFrame(() => goToEditor(editorOf(next, repository) ?? ""))
  }
  const problems = checked ? problemsOf(draft) : undefined
  return (
    <div class="grid explain">
      {/* The keys are a shortcut for the button. */}
      <form
        ref={form}
        class="asking"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault()
            submit()
          }
        }}
      >
        <RunCard explaining={explaining} problems={problems} />
        <FilesCard explaining={explaining} problems={problems} onPasted={ask} goTo={goToEditor} />
      </form>
      <div class="answering" ref={answer}>
        <AnswerCard explaining={explaining} goTo={goTo} paste={paste} retry={submit} />
      </div>
    </div>
  )
}
