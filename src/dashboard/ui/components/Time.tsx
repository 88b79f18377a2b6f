/** A time: relative as text, exact on hover and for machines. */
import { ago, exactly, rfc3339 } from "../format/Times.ts"
import { useNow } from "../hooks/Page.ts"

/** `at` is RFC 3339. */
export const TimeText = ({ at, resolution = 10_000 }: { readonly at: string; readonly resolution?: number }) => {
  const now = useNow(resolution)
  const time = Date.parse(at)
  if (Number.isNaN(time)) return <span>{at}</span>
  return (
    <time dateTime={rfc3339(time)} title={exactly(time)}>
      {ago(time, now)}
    </time>
  )
}

/** What figures are of, and of which moment (RFC 3339; undefined while there are none). */
export const AsOf = ({ text, at }: { readonly text: string; readonly at: string | undefined }) => (
  <>
    {text}
    {at !== undefined && Date.parse(at) > 0 && (
      <>
        , as of <TimeText at={at} />
      </>
    )}
  </>
)
