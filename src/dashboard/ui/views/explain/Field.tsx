/** A labelled field of a form, and what is wrong with it. */
import type { ComponentChildren } from "preact"

interface Props {
  readonly label: string
  readonly id: string
  readonly children: ComponentChildren
}

export const FormField = ({ label, id, children }: Props) => (
  <div class="field">
    <label class="label" for={id}>
      {label}
    </label>
    {children}
  </div>
)

export const Wrong = ({ id, text }: { readonly id: string; readonly text: string | undefined }) =>
  text === undefined ? null : (
    <p class="wrong" id={id}>
      {text}
    </p>
  )
