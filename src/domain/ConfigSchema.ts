/**
 * The raw document of a `dispatching.yml`: keys and values as people write them, nothing normalised.
 *
 * The one place that says which keys there are and what may stand behind them: `ConfigFile.ts` decodes files with it, and an
 * editor's JSON Schema can be made of it. Every check therefore is a pattern or a length, which JSON Schema has too, and
 * carries in `expected` the words for the author of the file.
 *
 * Where an empty list or mapping means something (`outbound`, `inbound`, `inputs`, `accept_inputs`) a key without a value does
 * too: commenting out all entries leaves a valid file. A list that restricts (`branches`, `refs`…) must not be empty: it
 * would silently never match.
 */
import { Schema } from "effect"
import { form, maxNameLength } from "./ConfigForm.ts"
import { BranchPattern, Ref, RefPattern, unquoted } from "./ConfigRefs.ts"
import { triggerEvents } from "./SourceRun.ts"
import { maxInputs, templateForms } from "./Template.ts"
import { conclusions } from "./Vocabulary.ts"

const shortEnough = Schema.isMaxLength(maxNameLength, { expected: `at most ${maxNameLength} characters` })

const name = (pattern: RegExp, expected: string) => Schema.String.check(form(pattern, expected), shortEnough)

const nonEmptyList = <S extends Schema.Constraint>(item: S, expected: string) =>
  Schema.Array(item).check(Schema.isMinLength(1, { expected }))

/** All forms that `normalizeWorkflow` reads: file name or path, with or without `@ref`; a file may have any name that git allows. */
const Workflow = Schema.String.check(
  form(
    /^(?:\.[gG][iI][tT][hH][uU][bB]\/[wW][oO][rR][kK][fF][lL][oO][wW][sS]\/)?[^/\p{Cc}\p{Cs}]+\.[yY][aA]?[mM][lL](?:@[^/ \p{Cc}\p{Cs}~^:?[\\*][^ \p{Cc}\p{Cs}~^:?[\\*]*)?$/u,
    "a workflow file, such as ci.yml or .github/workflows/ci.yml"
  ),
  unquoted,
  shortEnough
).annotate({
  description: "A workflow file: its name, its path, or path@ref; all mean the same file.",
  examples: ["ci.yml", ".github/workflows/ci.yml"]
})

const withoutGit = form(/^(?![\s\S]*\.[gG][iI][tT]$)/u, "the name of a repository without .git", (text) =>
  text.slice(0, -4)
)

const OutboundRepository = name(
  /^(?:[A-Za-z0-9_-]{1,100}\/)?(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/u,
  "a repository as name or owner/name, without wildcards"
)
  .check(withoutGit)
  .annotate({
    description: "The repository to start a workflow in: a name (same owner as this repository) or owner/name.",
    examples: ["my-target-repo", "my-org/my-target-repo"]
  })

const InboundRepository = name(
  /^(?:[A-Za-z0-9_-]{1,100}\/)?(?!\.{1,2}$)[A-Za-z0-9._*-]{1,100}$/u,
  "a repository as name or owner/name, where * may stand in the name but not in the owner"
)
  .check(withoutGit)
  .annotate({
    description:
      "The repository to let in: a name (same owner as this repository) or owner/name; * stands for any characters.",
    examples: ["my-source-repo", "my-org/service-*"]
  })

/** `__proto__` would be a legal name, and a trap for everything that keeps inputs in a plain object. */
const InputName = name(
  /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_-]*$/u,
  "the name of an input: letters, digits, - and _, not starting with a digit or -"
)

const Event = Schema.Literals(triggerEvents).annotate({
  expected: "one of the events that start workflows, such as push, schedule or workflow_dispatch",
  examples: ["push", "schedule", "pull_request"]
})

/** Everything that denies the target for every run is a mistake in the file. */
const InputValue = Schema.String.check(
  form(/^[\s\S]/u, "a value that is not empty"),
  form(
    /^[^\p{Cc}\p{Cs}]*$/u,
    "text without line ends and other control characters (>- in place of | or > makes one line)"
  ),
  unquoted,
  ...templateForms
)

const OutboundSource = Schema.Struct({
  workflow: Workflow,
  branches: Schema.optionalKey(
    nonEmptyList(BranchPattern, "at least one branch, or no branches key for the default branch only").annotate({
      description: "Branches of the source run. Default: the default branch only."
    })
  ),
  conclusions: Schema.optionalKey(
    nonEmptyList(
      Schema.Literals(conclusions),
      "at least one conclusion, or no conclusions key for success only"
    ).annotate({ description: "Conclusions of the source run. Default: success." })
  ),
  events: Schema.optionalKey(
    nonEmptyList(Event, "at least one event, or no events key for any but those that strangers may cause").annotate({
      description:
        "Events that started the source run. Default: any but workflow_run, pull_request_target, issue_comment, issues."
    })
  ),
  stale: Schema.optionalKey(
    Schema.Literal("skip").annotate({
      description: "skip: a run older than the newest one planned for this rule and branch starts nothing."
    })
  )
}).annotate({ description: "Which runs of this repository start the targets." })

const OutboundTarget = Schema.Struct({
  repository: OutboundRepository,
  workflow: Workflow,
  ref: Schema.optionalKey(Ref),
  inputs: Schema.optionalKey(
    Schema.NullOr(
      Schema.Record(InputName, InputValue)
        .check(Schema.isMaxProperties(maxInputs, { expected: `at most ${maxInputs} inputs` }))
        .annotate({
          description:
            "Inputs for the workflow: strings, in which {{ source.sha }} and its like stand for facts about the run.",
          examples: [{ sha: "{{ source.sha }}", branch: "{{ source.branch }}" }]
        })
    )
  ),
  optional: Schema.optionalKey(
    Schema.Boolean.annotate({
      expected: "true or false",
      description: "true: what becomes of this target never fails the run's check. Default: false."
    })
  )
}).annotate({ description: "A workflow to start." })

const OutboundRule = Schema.Struct({
  source: OutboundSource,
  targets: nonEmptyList(OutboundTarget, "at least one target"),
  check: Schema.optionalKey(
    Schema.Literal("always").annotate({
      description:
        "always: a run that this rule is not about gets a skipped check run, so that a required check never waits for it."
    })
  )
}).annotate({ description: "What a run of this repository starts." })

const repositoryIdWords = "the id of a repository: digits, in quotes if there are more than 15"
/** A YAML number loses digits beyond 2^53, so longer ids are text. */
const RepositoryId = Schema.Union([
  Schema.String.check(Schema.isPattern(/^[1-9][0-9]{0,18}$/u, { expected: repositoryIdWords })),
  Schema.Number.check(
    Schema.isInt({ expected: repositoryIdWords }),
    Schema.isGreaterThan(0, { expected: repositoryIdWords })
  )
]).annotate({
  expected: repositoryIdWords,
  description: "The source repository's id: only the repository that has it is let in under the name.",
  examples: ["300029405"]
})

const InboundSource = Schema.Struct({
  repository: InboundRepository,
  workflow: Workflow,
  id: Schema.optionalKey(RepositoryId),
  branches: Schema.optionalKey(
    nonEmptyList(BranchPattern, "at least one branch, or no branches key for any branch").annotate({
      description: "Branches of the source run. Default: any, so the source alone decides."
    })
  )
}).annotate({ description: "Whom to let in." })

const InboundTarget = Schema.Struct({
  workflow: Workflow,
  accept_inputs: Schema.optionalKey(
    Schema.NullOr(
      Schema.Array(InputName).annotate({
        description: "Names of the inputs that the source may set. Default: none.",
        examples: [["sha"]]
      })
    )
  ),
  refs: Schema.optionalKey(
    nonEmptyList(RefPattern, "at least one ref, or no refs key for any ref").annotate({
      description: "Refs of this repository on which the workflow may be started. Default: any."
    })
  )
}).annotate({ description: "A workflow of this repository that the source may start." })

const InboundRule = Schema.Struct({
  source: InboundSource,
  targets: nonEmptyList(InboundTarget, "at least one target")
}).annotate({ description: "Who may start what in this repository." })

/** The document of a `dispatching.yml`. */
export const DispatchingFile = Schema.Struct({
  outbound: Schema.optionalKey(
    Schema.NullOr(Schema.Array(OutboundRule).annotate({ description: "What this repository starts elsewhere." }))
  ),
  inbound: Schema.optionalKey(
    Schema.NullOr(Schema.Array(InboundRule).annotate({ description: "Whom this repository lets in." }))
  )
}).annotate({
  title: "dispatching.yml",
  description: "Workflows that this repository starts elsewhere, and workflows here that others may start.",
  examples: [
    {
      outbound: [
        {
          source: { workflow: "ci.yml", branches: ["main", "release/*"] },
          targets: [{ repository: "my-target-repo", workflow: "cd.yml", inputs: { sha: "{{ source.sha }}" } }]
        }
      ],
      inbound: [
        {
          source: { repository: "my-source-repo", workflow: "ci.yml" },
          targets: [{ workflow: "cd.yml", accept_inputs: ["sha"] }]
        }
      ]
    }
  ]
})
export interface DispatchingFile extends Schema.Schema.Type<typeof DispatchingFile> {}
