/**
 * GitHub's time, from the `Date` of its answers and the monotonic time since: pure.
 *
 * `Date` has whole seconds, and was written somewhere between our request and its answer. So each answer says between which two bounds
 * GitHub's clock is ahead of our monotonic one; all answers together leave a narrow interval, and its middle is taken.
 *
 * An answer that contradicts the others is believed at once where GitHub is further on than was thought: monotonic clocks stand still
 * while a machine sleeps. Where it goes back, something stale may have been served: it is believed when the next answer agrees with it.
 */

/** By how many milliseconds GitHub's clock is ahead of our monotonic clock: between `least` and `most`. */
export interface Lead {
  readonly least: number
  readonly most: number
  /** Our monotonic time, in milliseconds, when this was so. */
  readonly at: number
}

/** What is known of GitHub's clock. */
export interface GitHubClock {
  readonly lead: Lead | undefined
  /** What the latest answer said, where it set the clock back and nothing confirmed it yet. */
  readonly disputed: Lead | undefined
}

export const unknown: GitHubClock = { lead: undefined, disputed: undefined }

/** Clocks are let drift apart by so much: a millisecond in two seconds is far more than they do. */
const drift = 0.0005

const widened = (lead: Lead, at: number): Lead => {
  const by = Math.max(0, at - lead.at) * drift
  return { least: lead.least - by, most: lead.most + by, at }
}

/** Both at once, or undefined where that cannot be. */
const both = (one: Lead, other: Lead): Lead | undefined => {
  const least = Math.max(one.least, other.least)
  const most = Math.min(one.most, other.most)
  return least <= most ? { least, most, at: Math.max(one.at, other.at) } : undefined
}

/** What an answer says whose `Date` is `date` (epoch milliseconds), asked at `sent` and there at `received` (monotonic milliseconds). */
export const leadOf = (date: number, sent: number, received: number): Lead => ({
  least: date - received,
  most: date + 1000 - sent,
  at: received
})

/** What is known after one more answer. */
export const learn = (clock: GitHubClock, said: Lead): GitHubClock => {
  if (clock.lead === undefined) return { lead: said, disputed: undefined }
  const agreed = both(widened(clock.lead, said.at), said)
  if (agreed !== undefined) return { lead: agreed, disputed: undefined }
  if (said.least > clock.lead.most) return { lead: said, disputed: undefined }
  const again = clock.disputed && both(widened(clock.disputed, said.at), said)
  return again === undefined ? { ...clock, disputed: said } : { lead: again, disputed: undefined }
}

/** GitHub's time at `now` (monotonic milliseconds) in milliseconds since the epoch, and by how much it may be off. */
export const timeAt = (
  { lead }: GitHubClock,
  now: number
): { readonly time: number; readonly error: number } | undefined => {
  if (lead === undefined) return undefined
  const { least, most } = widened(lead, now)
  return { time: now + (least + most) / 2, error: (most - least) / 2 }
}
