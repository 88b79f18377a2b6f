/**
 * When the page asks again: every 30 seconds, unless it is paused or hidden. Time and visibility are given by the caller, so
 * this decides and nothing else.
 */
import { makeStateStore, type Store } from "./Store.ts"

/** Milliseconds between automatic refreshes. */
export const refreshEvery = 30_000

export interface Refreshing {
  /** Whether automatic refreshing is paused by the viewer. */
  readonly paused: boolean
  /** Whether a refresh is under way. */
  readonly busy: boolean
  /** When the last refresh began, in milliseconds since 1970. */
  readonly startedAt: number
}

export interface Refresher {
  readonly state: Store<Refreshing>
  readonly togglePause: () => void
  /** Refreshes now. */
  readonly refresh: () => Promise<void>
  /** To be called often; refreshes if it is time. A tab that was hidden for long refreshes as soon as it is seen. */
  readonly tick: (visible: boolean) => void
}

/** Whether it is time for an automatic refresh. */
export const isDue = ({ paused, busy, startedAt }: Refreshing, visible: boolean, now: number): boolean =>
  visible && !paused && !busy && now - startedAt >= refreshEvery

export const makeRefresher = (refreshAll: () => Promise<void>, now: () => number): Refresher => {
  const state = makeStateStore<Refreshing>({ paused: false, busy: false, startedAt: now() })
  const refresh = async () => {
    if (state.get().busy) return
    state.set({ ...state.get(), busy: true, startedAt: now() })
    await refreshAll()
    state.set({ ...state.get(), busy: false })
  }
  return {
    state,
    togglePause: () => state.set({ ...state.get(), paused: !state.get().paused }),
    refresh,
    tick: (visible) => {
      if (isDue(state.get(), visible, now())) void refresh()
    }
  }
}
