/** The browser's own modal dialog, as a drawer at the side or as a question in the middle: it keeps the focus and closes on Escape. */
import type { ComponentChildren } from "preact"
import { useLayoutEffect, useRef } from "preact/hooks"

interface Props {
  readonly look: "drawer" | "question"
  /** Id of the element that names it. */
  readonly labelledBy: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

export const Dialog = ({ look, labelledBy, onClose, children }: Props) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const leaving = useRef(false)
  useLayoutEffect(() => {
    dialog.current?.showModal()
    return () => {
      // Closing before it is removed gives the focus back to where it was.
      leaving.current = true
      dialog.current?.close()
    }
  }, [])
  return (
    // Escape closes it without our doing; the click is a shortcut for the pointer only.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <dialog
      ref={dialog}
      class={look}
      aria-labelledby={labelledBy}
      onClose={(event) => {
        if (event.target === dialog.current && !leaving.current) onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close()
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  )
}
