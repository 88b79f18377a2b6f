/**
 * What a source may learn of why a target refused it, at once or by withdrawing its consent before the start. The App is installed at many owners, and any author of a `dispatching.yml` may
 * name any repository in it; the answer must not disclose which private repositories of others there are, or what stands in their files.
 *
 * So a target of another owner explains itself only to those whom one of its rules names. Operators see every denial and every withdrawal as it is.
 */
import type { Denied } from "./Decision.ts"
import type { Denial, ReasonCode } from "./Denial.ts"
import { type RepositoryName, sameOwner } from "./Names.ts"

/** Denials by targets that do not name the source, or name whom the name belonged to before. */
const unnamed: ReadonlySet<ReasonCode> = new Set([
  "target_unreachable",
  "target_config_absent",
  "target_config_invalid",
  "inbound_not_allowed",
  "source_identity_changed"
])

/**
 * The denial, or the reason of a withdrawal, as the source reads it: all of these read alike where they would disclose to a stranger
 * something.
 */
export const disclosed = (
  { denial, target: { repository } }: Pick<Denied, "denial" | "target">,
  source: RepositoryName
): Denial =>
  !unnamed.has(denial.code) || sameOwner(repository, source)
    ? denial
    : {
        code: "inbound_not_allowed",
        message: `${repository} does not let ${source} in, or the dispatcher cannot read it; it belongs to another owner, who has to add an inbound rule that names ${source}.`
      }
