/**
 * A text field with suggestions (the ARIA combobox pattern): type to narrow, arrows and Enter to choose, Escape to leave.
 * What is typed counts as well, so a repository that the list does not hold can be looked for too.
 */

import type { RefObject } from "preact"
import { useId, useRef, useState } from "preact/hooks"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly label: string
  readonly placeholder: string
  readonly options: ReadonlyArray<string>
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
  /** Whether typed text that is no option may be taken. */
  readonly accepts: (text: string) => boolean
  readonly input?: RefObject<HTMLInputElement | null>
  /** A filter is chosen, and what is left halfway is dropped; a field of a form has what is typed, and shows its label. */
  readonly look?: "filter" | "field"
  /** Id of what says what is wrong with the value, if something is. */
  readonly problem?: string | undefined
}

/** More suggestions than this are no help. */
const mostShown = 50

/** How well a repository fits what was typed: its name begins with it, holds it, or only its owner does. */
const misfit = (option: string, wanted: string): number => {
  const at = option.toLowerCase().indexOf(wanted, option.indexOf("/") + 1)
  return at === -1 ? 2 : at === option.indexOf("/") + 1 ? 0 : 1
}

/** The options that hold what was typed, the best first. */
const suggestions = (options: ReadonlyArray<string>, typed: string): ReadonlyArray<string> => {
  const wanted = typed.trim().toLowerCase()
  return options
    .filter((option) => option.toLowerCase().includes(wanted))
    .toSorted((a, b) => misfit(a, wanted) - misfit(b, wanted))
    .slice(0, mostShown)
}

export const Combobox = ({ label, placeholder, options, value, onChange, accepts, input, look, problem }: Props) => {
  const isField = look === "field"
  const id = useId()
  const own = useRef<HTMLInputElement>(null)
  const field = input ?? own
  /** What is being typed; undefined while it is not edited. */
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const [active, setActive] = useState(-1)
  const open = typed !== undefined
  // A field that is gone into shows its text as it is, and everything that it could be instead.
  const shown = open ? suggestions(options, isField && typed === value ? "" : typed) : []
  const start = isField ? (value ?? "") : ""
  const activeOption = shown[active]

  const leave = () => {
    setTyped(undefined)
    setActive(-1)
  }
  const choose = (choice: string | undefined) => {
    leave()
    if (choice !== value) onChange(choice)
  }
  const commit = () => {
    const text = typed?.trim() ?? ""
    const only = shown.length === 1 ? shown[0] : undefined
    if (activeOption !== undefined) choose(activeOption)
    else if (isField) leave()
    else if (text === "") choose(undefined)
    else if (options.includes(text) || accepts(text)) choose(text)
    else if (only !== undefined) choose(only)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (!open) return setTyped(start)
      const step = event.key === "ArrowDown" ? 1 : -1
      setActive((active + step + shown.length + (active === -1 && step === -1 ? 1 : 0)) % Math.max(1, shown.length))
    } else if (event.key === "Enter") {
      // In a form, Enter goes on to send it, unless it chooses.
      if (!isField || activeOption !== undefined) event.preventDefault()
      commit()
    } else if (event.key === "Escape" && open) {
      event.stopPropagation()
      leave()
    }
  }

  return (
    <div class={`combobox${value === undefined || isField ? "" : " is-set"}`}>
      <label class={isField ? "label" : "hidden"} for={id}>
        {label}
      </label>
      <input
        ref={field}
        id={id}
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={activeOption === undefined ? undefined : `${id}-${active}`}
        value={typed ?? value ?? ""}
        title={value ?? label}
        onFocus={({ currentTarget }) => currentTarget.select()}
        aria-invalid={problem !== undefined}
        aria-describedby={problem}
        onClick={() => setTyped(typed ?? start)}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value)
          setActive(-1)
          if (isField) onChange(currentTarget.value || undefined)
        }}
        onKeyDown={onKeyDown}
        onBlur={leave}
      />
      {value === undefined || isField ? (
        <Icon name="down" />
      ) : (
        <button
          type="button"
          class="clear"
          aria-label={`Clear ${label.toLowerCase()}`}
          onClick={() => choose(undefined)}
        >
          <Icon name="close" />
        </button>
      )}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        class="options"
        hidden={!open || (isField && shown.length === 0 && (typed === "" || options.length === 0))}
      >
        {shown.map((option, index) => (
          // The field keeps the focus and handles the keys; options are only pointed at.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <div
            key={option}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            class={index === active ? "is-active" : ""}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
          >
            {option}
          </div>
        ))}
        {open && shown.length === 0 && (
          <p>{isField ? "Not seen yet. It is taken as typed." : "No repository of that name has been seen."}</p>
        )}
      </div>
    </div>
  )
}
