/** That there is nothing: said on fresh figures only; on older ones, that it is not known. */
import { useNow } from "../hooks/Clock.ts"
import { doubtOf } from "../state/Doubt.ts"
import { Empty, type EmptyProps } from "./Notices.tsx"
import { useFreshness } from "./RefreshControl.tsx"

/** Why an answer of that moment says nothing about now; undefined where it does. */
export const useDoubt = (asOf: string | null): string | undefined =>
  doubtOf(asOf, useFreshness().state !== "failing", useNow())

/** {@link Empty}, if figures of that moment (RFC 3339) can say so. */
export const FreshClaim = ({ asOf, ...nothing }: EmptyProps & { readonly asOf: string | null }) => {
  const doubt = useDoubt(asOf)
  if (doubt === undefined) return <Empty {...nothing} />
  return (
    <Empty icon="unknown" title="Not known">
      {doubt}
    </Empty>
  )
}
