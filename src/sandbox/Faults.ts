/**
 * Faults on demand: keeps those that are armed and says which one strikes a request. The first one armed wins, and each
 * strike uses one of its times up. What striking means is the front door's business (Front.ts).
 */
import type { Fault, FaultTarget } from "./Fault.ts"
import type { ArmedFault, SandboxState } from "./State.ts"

/** A glob over paths as a RegExp: `*` stays within a segment, `**` does not. */
export const globToRegExp = (glob: string): RegExp => {
  const source = glob
    .split("**")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*"))
    .join(".*")
  return new RegExp(`^${source}$`, "i")
}

const matchesPath = (path: Fault["path"], request: FaultTarget): boolean => {
  if (typeof path === "function") return path(request)
  return (typeof path === "string" ? globToRegExp(path) : path).test(request.path)
}

const matches = (fault: Fault, request: FaultTarget): boolean =>
  (fault.method === undefined || fault.method.toUpperCase() === request.method) && matchesPath(fault.path, request)

/** A fault ready to strike as often as it says. */
export const arm = (fault: Fault): ArmedFault => ({
  fault,
  left: fault.times === "always" ? Number.POSITIVE_INFINITY : (fault.times ?? 1)
})

/** Arms faults behind those that are armed already. */
export const armFaults = (state: SandboxState, faults: ReadonlyArray<Fault>): void => {
  state.faults.push(...faults.map(arm))
}

/** Disarms everything. */
export const clearFaults = (state: SandboxState): void => {
  state.faults = []
}

/** The fault that strikes this request, if any. */
export const takeFault = (state: SandboxState, request: FaultTarget): Fault | undefined => {
  const armed = state.faults.find(({ fault }) => matches(fault, request))
  if (armed === undefined) return undefined
  armed.left -= 1
  if (armed.left <= 0) state.faults = state.faults.filter((other) => other !== armed)
  return armed.fault
}
