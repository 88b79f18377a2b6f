/** The time, as often as a component needs it. */
import { useCallback } from "preact/hooks"
import { usePage, useStore } from "./Page.ts"

/** Milliseconds since 1970, rounded down to `resolution`, so that a table of times renders every ten seconds and not every second. */
export const useNow = (resolution = 10_000): number => {
  const { clock } = usePage()
  const rounded = useCallback((now: number) => Math.floor(now / resolution) * resolution, [resolution])
  return useStore(clock, rounded)
}
