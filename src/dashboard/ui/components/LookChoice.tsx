/** How a chart is shown: stacked bars, lines, or the numbers themselves. */

import type { ChartLook } from "./OutcomeChart.tsx"
import { Segmented } from "./Segmented.tsx"

interface Props {
  readonly value: ChartLook
  readonly onChange: (look: ChartLook) => void
}

export const LookChoice = (props: Props) => (
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
