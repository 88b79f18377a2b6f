/**
 * A plain field for a file: monospace, with numbered lines, marked where something is wrong. The numbers and marks lie behind the field and
 * follow its scrolling; everything else is the browser's own.
 */
import type { RefObject } from "preact"
import { useRef } from "preact/hooks"

interface Props {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly placeholder: string
  readonly onInput: (value: string) => void
  /** After something was pasted, and `onInput` has it. */
  readonly onPaste: () => void
  /** Lines to be marked, from 1. */
  readonly marks: ReadonlyArray<number>
  /** Id of the list of what is wrong, if something is. */
  readonly problems: string | undefined
  readonly field: RefObject<HTMLTextAreaElement | null>
}

const fewestLines = 7
const mostLines = 24

const countLines = (text: string): number => text.split("\n").length

const lineHeight = (field: HTMLTextAreaElement): number => Number.parseFloat(getComputedStyle(field).lineHeight) || 20

/** Goes to a place in a field, line and column from 1, and selects the rest of the line, so that it is seen. */
export const goToPlace = (field: HTMLTextAreaElement, line: number, column = 1): void => {
  const lines = field.value.split("\n")
  const before = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0)
  const end = before + (lines[line - 1] ?? "").length
  field.focus()
  field.setSelectionRange(Math.min(before + column - 1, end), end)
  field.scrollTop = Math.max(0, (line - 4) * lineHeight(field))
  field.scrollLeft = 0
}

export const Editor = ({ id, label, value, placeholder, onInput, onPaste, marks, problems, field }: Props) => {
  const behind = useRef<HTMLDivElement>(null)
  const lines = countLines(value)
  return (
    <div class="editor">
      <div class="behind" aria-hidden="true">
        <div ref={behind}>
          {marks.map((line) => (
            <i key={line} style={{ top: `calc(var(--line) * ${line - 1})` }} />
          ))}
          <pre>{Array.from({ length: lines }, (_, index) => index + 1).join("\n")}</pre>
        </div>
      </div>
      <textarea
        ref={field}
        id={id}
        aria-label={label}
        aria-invalid={problems !== undefined}
        aria-describedby={problems}
        rows={Math.min(mostLines, Math.max(fewestLines, lines))}
        wrap="off"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        placeholder={placeholder}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        // The browser puts the text in after this event, and announces it by `input`.
        onPaste={() => setTimeout(onPaste)}
        onScroll={({ currentTarget }) => {
          if (behind.current !== null) behind.current.style.transform = `translateY(${-currentTarget.scrollTop}px)`
        }}
      />
    </div>
  )
}
