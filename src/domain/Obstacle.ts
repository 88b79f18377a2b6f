/** What keeps the service from its work, mostly until a person mends it, and what no fact shows: health names it. Pure. */
import { Schema } from "effect"

/**
 * An obstacle.
 *
 * | kind | means | subject |
 * | --- | --- | --- |
 * | `signatures` | requests that seem to be GitHub's are signed with another secret | – |
 * | `access` | GitHub refuses reads of an owner's files, starts or reports there: an IP allow list, SAML, or a suspended installation | the owner |
 * | `redeliveries` | deliveries never arrived, and GitHub is not asked for them yet, because a sweep asks for so many, or GitHub has no time | – |
 */
export const Obstacle = Schema.Struct({
  kind: Schema.Literals(["signatures", "access", "redeliveries"]),
  /** What it is about, where there may be several of the kind; empty otherwise. */
  subject: Schema.String,
  /** When it was first met, RFC 3339 in UTC. */
  since: Schema.String,
  /** Of how many things, where they are counted. */
  count: Schema.optionalKey(Schema.Int)
})
export interface Obstacle extends Schema.Schema.Type<typeof Obstacle> {}

/**
 * Whether GitHub's words of a refusal are those of an owner that shuts the App out:
 *
 * | GitHub's words | mean |
 * | --- | --- |
 * | "… the `ORG` organization has an IP allow list enabled, and your IP address is not permitted …" | the address is not on the list |
 * | "Resource protected by organization SAML enforcement …" | single sign-on is enforced for the App |
 * | "This installation has been suspended" | an owner, or GitHub, suspended it |
 */
export const isShutOut = (message: string): boolean => /IP allow list|SAML|has been suspended/i.test(message)

/** What is wrong and what to do, for the log and for health. */
export const describeObstacle = ({ kind, subject, since, count = 0 }: Obstacle): string => {
  switch (kind) {
    case "signatures":
      return `Requests that seem to be GitHub's have signatures that do not match, since ${since}: is GITHUB_WEBHOOK_SECRET the App's?`
    case "access":
      return `${subject} shuts the App out since ${since}: its owners have to put the service's address on their IP allow list, let the App pass SAML, or unsuspend the installation.`
    case "redeliveries":
      return `${count} deliveries that never arrived wait until GitHub is asked for them again, the first of them since ${since}.`
  }
}
