/** Saves what the view shows: all of it as JSON or CSV, or one table as CSV. */
import { useCallback, useRef, useState } from "preact/hooks"
import { save } from "../export/ToBrowser.ts"
import { type ExportedFile, tableAsCsv, viewAsCsv, viewAsJson } from "../export/ViewExport.ts"
import type { DataSet } from "../format/Csv.ts"
import { rfc3339 } from "../format/Times.ts"
import { useDismiss } from "../hooks/Document.ts"
import { usePage, useView } from "../hooks/Page.ts"
import { Icon } from "./Icon.tsx"

export const ExportMenu = () => {
  const { exports, clock } = usePage()
  const [view] = useView()
  const [dataSets, setDataSets] = useState<ReadonlyArray<DataSet> | undefined>(undefined)
  const menu = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const close = useCallback(() => setDataSets(undefined), [])
  useDismiss(menu, dataSets !== undefined, close)

  const entry = (text: string, make: (at: string) => ExportedFile) => (
    <li key={text}>
      <button
        type="button"
        onClick={() => {
          save(make(rfc3339(clock.get())))
          close()
          opener.current?.focus()
        }}
      >
        {text}
      </button>
    </li>
  )
  return (
    <div ref={menu} class="menu">
      <button
        ref={opener}
        type="button"
        class="button is-quiet"
        aria-expanded={dataSets !== undefined}
        aria-label="Export"
        title="Export what is shown"
        onClick={() => setDataSets(dataSets === undefined ? [...exports.values()] : undefined)}
      >
        <Icon name="download" />
        <span class="wide-only">Export</span>
      </button>
      {dataSets !== undefined && (
        <ul class="sheet">
          {entry("This view as JSON", (at) => viewAsJson(view, dataSets, at))}
          {entry("This view as CSV", (at) => viewAsCsv(view, dataSets, at))}
          {dataSets.map((dataSet) => entry(`${dataSet.name} (CSV)`, (at) => tableAsCsv(view, dataSet, at)))}
        </ul>
      )}
    </div>
  )
}
