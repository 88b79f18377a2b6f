/** A decision, question by question: what was asked by which rule, what was expected and what was found. */
import type { Check, RuleRef } from "../../../domain/Decision.ts"
import type { Sent } from "../api/Sent.ts"
import { Icon } from "../components/Icon.tsx"
import { Link } from "../components/Links.tsx"
import { ruleUrl } from "../format/GitHub.ts"
import { checkLabel } from "../format/Words.ts"

interface Props {
  readonly checks: ReadonlyArray<Sent<Check>>
  /** GitHub's address, for links to rules; undefined if it is not known. */
  readonly origin: string | undefined
  /** Leads to a rule that is not on GitHub (yet); undefined for one that is. */
  readonly goTo?: (rule: Sent<RuleRef>) => (() => void) | undefined
}
type RowProps = Omit<Props, "checks"> & { readonly check: Sent<Check> }

/** Who asks where no rule does: for these checks the service itself; the others found no rule that they could ask. */
const askers: Readonly<Record<string, string>> = {
  source_fork: "asked of every run",
  source_not_allowlisted: "setting of the service",
  target_not_allowlisted: "setting of the service",
  chain_too_deep: "setting of the service",
  chain_too_long: "setting of the service",
  too_many_owners: "setting of the service",
  too_many_targets: "setting of the service"
}

const Rule = ({ check: { name, rule }, origin, goTo }: RowProps) => {
  if (rule === undefined) return <span class="rule">{askers[name] ?? "no rule"}</span>
  const go = goTo?.(rule)
  const place = `${rule.repository} ${rule.file}:${rule.line}`
  return (
    <span class="rule" title={rule.path}>
      {go === undefined ? (
        <Link to={origin === undefined ? undefined : ruleUrl(origin, rule)}>{place}</Link>
      ) : (
        <button type="button" class="textual" onClick={go}>
          {place}
        </button>
      )}
    </span>
  )
}

const CheckRow = ({ check, ...links }: RowProps) => (
  <li class={check.passed ? "is-passed" : "is-refused"}>
    <span class="answer">
      <Icon name={check.passed ? "dispatched" : "failed"} />
      <span class="hidden">{check.passed ? "Yes:" : "No:"}</span>
    </span>
    <strong title={check.name}>{checkLabel(check.name)}</strong>
    <Rule check={check} {...links} />
    <dl>
      <div>
        <dt>found</dt>
        <dd>{check.actual}</dd>
      </div>
      <div>
        <dt>expected</dt>
        <dd>{check.expected}</dd>
      </div>
    </dl>
  </li>
)

const List = ({ checks, ...links }: Props) => (
  <ol>
    {checks.map((check, index) => (
      <CheckRow key={index} check={check} {...links} />
    ))}
  </ol>
)

/** What refused is there at once; what agreed is there to be unfolded. */
export const CheckLines = ({ checks, ...links }: Props) => {
  const refused = checks.filter((check) => !check.passed)
  const passed = checks.filter((check) => check.passed)
  return (
    <div class="checks">
      {refused.length > 0 && <List checks={refused} {...links} />}
      {passed.length > 0 && (
        <details>
          <summary>
            {passed.length} {passed.length === 1 ? "check" : "checks"} passed{refused.length > 0 && " before that"}
          </summary>
          <List checks={passed} {...links} />
        </details>
      )}
    </div>
  )
}
