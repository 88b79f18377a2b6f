/** A chart's numbers as a table: a row for each time, the latest first. With `onPick`, a time leads somewhere. */
import { spanLabel } from "../format/Times.ts"
import type { Columns } from "./Series.ts"

interface TimeColumn {
  readonly label: string
  /** The cells' texts, in the order of the times. */
  readonly texts: ReadonlyArray<string>
}

interface Props {
  readonly columns: Pick<Columns, "times" | "granularity">
  readonly values: ReadonlyArray<TimeColumn>
  readonly onPick?: (index: number) => void
}

export const TimeTable = ({ columns: { times, granularity }, values, onPick }: Props) => (
  <div class="scroll chart-table">
    <table>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {values.map(({ label }) => (
            <th key={label} scope="col" class="is-number">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {times
          .map((at, index) => (
            <tr key={at}>
              <th scope="row">
                {onPick === undefined ? (
                  spanLabel(at, granularity)
                ) : (
                  <button type="button" class="textual" onClick={() => onPick(index)}>
                    {spanLabel(at, granularity)}
                  </button>
                )}
              </th>
              {values.map(({ label, texts }) => (
                <td key={label} class="is-number">
                  {texts[index]}
                </td>
              ))}
            </tr>
          ))
          .toReversed()}
      </tbody>
    </table>
  </div>
)
