/** A choice of one of a few, all of them visible; radio buttons, so arrow keys work. */
import { useId } from "preact/hooks"
import type { ChartLook } from "./OutcomeChart.tsx"

interface Props<A extends string> {
  readonly label: string
  readonly options: ReadonlyArray<readonly [value: A, text: string]>
  readonly value: A
  readonly onChange: (value: A) => void
}

export const Segmented = <A extends string>({ label, options, value, onChange }: Props<A>) => {
  const name = useId()
  return (
    <fieldset class="segmented">
      <legend class="hidden">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option} class={option === value ? "is-on" : ""}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
          {text}
        </label>
      ))}
    </fieldset>
  )
}

interface LookChoiceProps {
  readonly value: ChartLook
  readonly onChange: (look: ChartLook) => void
}

/** How a chart is shown: stacked bars, lines, or the numbers themselves. */
export const LookChoice = (props: LookChoiceProps) => (
  <Segmented
    label="How the chart is shown"
    options={[
      ["bars", "Stacked"],
      ["lines", "Lines"],
      ["table", "Table"]
    ]}
    {...props}
  />
)
