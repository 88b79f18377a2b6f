/** A delivery's journey, over the view: who ran what, how its targets ended, step by step, and the way to have it planned again. */
import { useId, useState } from "preact/hooks"
import { journeyQuestion } from "../../api/Questions.ts"
import type { FactView, JourneyView } from "../../api/Sent.ts"
import { Toast } from "../../components/Announcements.tsx"
import { Dialog } from "../../components/Dialog.tsx"
import { Icon } from "../../components/Icon.tsx"
import { ViewLink } from "../../components/Links.tsx"
import { Empty, Failed, Skeleton } from "../../components/Notices.tsx"
import { useExported, useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { wholeTopology } from "../../state/TopologyInput.ts"
import { CauseAndEffects } from "./CauseAndEffects.tsx"
import { JourneyHead } from "./JourneyHead.tsx"
import { ReplayQuestion } from "./ReplayQuestion.tsx"
import { factWords, type JourneyRun, journeyRunOf, journeyTargetOf, supposedOf } from "./Run.ts"
import { Timeline } from "./Timeline.tsx"

const journeyTable = (facts: ReadonlyArray<FactView>) => ({
  name: "Journey",
  columns: ["time", "type", "replay", "target", "reason", "message", "url", "id"],
  rows: facts.map((fact) => {
    const { reason, message, url } = factWords(fact)
    const type = fact.type === "other" ? fact.kind : fact.type
    return [fact.time, type, fact.data.generation, journeyTargetOf(fact) ?? null, reason, message, url, fact.id]
  })
})

const Opened = ({
  journey: { row, facts, more, chain },
  run
}: {
  readonly journey: JourneyView
  readonly run: JourneyRun
}) => (
  <>
    <JourneyHead run={run} row={row} />
    {chain !== null && <CauseAndEffects node={chain} />}
    <Timeline facts={facts} run={run} />
    {more && (
      <p class="and-more">There are more facts than these; dispatcher events and the event list have the rest.</p>
    )}
  </>
)

export const JourneyDrawer = ({ of }: { readonly of: string }) => {
  const [view, go] = useView()
  const title = useId()
  const [asking, ask] = useState(false)
  const { value, failure, outdated, retry } = useRemote(journeyQuestion(of))
  const opened = outdated ? undefined : value
  const run = opened && journeyRunOf(opened)
  useExported(opened && journeyTable(opened.facts))
  const close = () => go({ ...view, journey: undefined })
  return (
    <Dialog look="drawer" labelledBy={title} onClose={close}>
      <header class="drawer-head">
        <h2 id={title}>Journey</h2>
        <div class="tools">
          {opened !== undefined && opened.chain !== null && (
            <ViewLink to={{ ...view, chain: opened.chain.root, journey: undefined }} isButton>
              <Icon name="chain" />
              Chain
            </ViewLink>
          )}
          <button
            type="button"
            class="button"
            title="What the rules of now say of such a run"
            disabled={run === undefined}
            onClick={() =>
              run &&
              opened &&
              go({
                ...view,
                tab: "explain",
                chain: undefined,
                journey: undefined,
                topology: wholeTopology,
                supposed: supposedOf(run, opened.facts)
              })
            }
          >
            <Icon name="explain" />
            Explain
          </button>
          <button type="button" class="button" disabled={run === undefined} onClick={() => ask(true)}>
            <Icon name="replayed" />
            Replay
          </button>
          <button
            type="button"
            class="button is-quiet is-icon"
            aria-label="Close the journey"
            title="Close (Esc)"
            onClick={close}
          >
            <Icon name="close" />
          </button>
        </div>
      </header>
      <div class="drawer-body">
        {run !== undefined && opened !== undefined ? (
          <Opened journey={opened} run={run} />
        ) : failure !== undefined ? (
          <Failed failure={failure} retry={retry} />
        ) : value === undefined || outdated ? (
          <div aria-busy="true">
            <span class="hidden">Loading…</span>
            <Skeleton lines={8} />
          </div>
        ) : (
          <Empty title="Nothing is known of this delivery (any more)" />
        )}
      </div>
      {/* A modal dialog lies over everything else on the page, so it brings its own. */}
      <Toast />
      {asking && run !== undefined && <ReplayQuestion run={run} onAsked={retry} onDone={() => ask(false)} />}
    </Dialog>
  )
}
