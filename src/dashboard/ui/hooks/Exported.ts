/** What a widget shows can be exported: it says so here while it is there. */
import { useLayoutEffect } from "preact/hooks"
import type { DataSet } from "../format/Csv.ts"
import { usePage } from "./Page.ts"

export const useExported = (dataSet: DataSet | undefined): void => {
  const { exports } = usePage()
  const name = dataSet?.name
  useLayoutEffect(() => {
    if (dataSet !== undefined) exports.set(dataSet.name, dataSet)
  })
  useLayoutEffect(() => {
    if (name === undefined) return undefined
    return () => void exports.delete(name)
  }, [exports, name])
}
