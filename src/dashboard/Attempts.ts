/**
 * How often a client may present a wrong token: a token bucket for each client address and one for all of them together.
 *
 * Only wrong tokens cost something, so people and tools that know the token notice nothing, unless their address (or everybody) is being
 * tried out right now: then the right token must wait too, or the limit would limit nothing. Sessions that are open go on in any case.
 * Memory is bounded: the addresses that were quiet for longest are forgotten first, and the common bucket still counts for them.
 */
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { TooManyAttempts } from "./api/Errors.ts"

/** `burst` at once, then one more each `every`. */
interface Allowance {
  readonly burst: number
  readonly every: Duration.Input
}
/** The limits, each with a default. */
export interface AttemptsOptions {
  /** Of one client address. */
  readonly perAddress?: Allowance
  /** Of all addresses together. */
  readonly overall?: Allowance
  /** How many addresses are remembered. */
  readonly addresses?: number
}

/** Limits attempts. */
export class Attempts extends Context.Service<
  Attempts,
  {
    /** Looks whether something is right, unless there were too many attempts; spends one if it is wrong. */
    readonly attempt: (address: string, isRight: () => boolean) => Effect.Effect<boolean, TooManyAttempts>
  }
>()("dispatcher/dashboard/Attempts") {}

interface Bucket {
  readonly left: number
  readonly at: number
}

/** The rules of one kind of bucket; times are milliseconds. */
const bucketOf = ({ burst, every }: Allowance) => {
  const millis = Duration.toMillis(every)
  return {
    full: (now: number): Bucket => ({ left: burst, at: now }),
    refilled: ({ left, at }: Bucket, now: number): Bucket => ({
      left: Math.min(burst, left + Math.max(0, now - at) / millis),
      at: now
    }),
    /** Milliseconds until an attempt is left. */
    wait: ({ left }: Bucket): number => Math.max(0, (1 - left) * millis)
  }
}

const spend = ({ left, at }: Bucket): Bucket => ({ left: left - 1, at })

const make = ({
  perAddress = { burst: 5, every: "12 seconds" },
  overall = { burst: 50, every: "2 seconds" },
  addresses = 5_000
}: AttemptsOptions): Attempts["Service"] => {
  const one = bucketOf(perAddress)
  const all = bucketOf(overall)
  const byAddress = new Map<string, Bucket>()
  let everybody = all.full(0)

  const remember = (address: string, bucket: Bucket) => {
    byAddress.delete(address)
    byAddress.set(address, bucket)
    const [quietest] = byAddress.keys()
    if (byAddress.size > addresses && quietest !== undefined) byAddress.delete(quietest)
  }

  return {
    attempt: Effect.fnUntraced(function* (address, isRight) {
      const now = yield* Clock.currentTimeMillis
      const own = one.refilled(byAddress.get(address) ?? one.full(now), now)
      everybody = all.refilled(everybody, now)
      const wait = Math.max(one.wait(own), all.wait(everybody))
      if (wait > 0) {
        const retryAfter = Math.ceil(wait / 1000)
        return yield* new TooManyAttempts({ message: `too many attempts; try again in ${retryAfter} s`, retryAfter })
      }
      const right = isRight()
      if (!right) {
        remember(address, spend(own))
        everybody = spend(everybody)
      }
      return right
    })
  }
}

/** Attempts counted in this process. */
export const layer = (options: AttemptsOptions = {}): Layer.Layer<Attempts> => Layer.sync(Attempts, () => make(options))
