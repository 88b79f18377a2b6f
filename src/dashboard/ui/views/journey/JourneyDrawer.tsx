/** A delivery's journey, over the view: who ran what, how its targets ended, step by step, and the way to have it planned again. */
import { useId, useMemo, useState } from "preact/hooks"
import { journey } from "../../api/Questions.ts"
import { Dialog } from "../../components/Dialog.tsx"
import { Icon } from "../../components/Icon.tsx"
import { Empty, Failed, Skeleton } from "../../components/Notices.tsx"
import { Toast } from "../../components/Toast.tsx"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { JourneyHead } from "./JourneyHead.tsx"
import { ReplayQuestion } from "./ReplayQuestion.tsx"
import { type Story, storyOf, supposedOf } from "./Story.ts"
import { Timeline } from "./Timeline.tsx"

const journeyTable = ({ deliveryId, rounds }: Story) => ({
  name: "Journey",
  columns: [
    "delivery",
    "round",
    "target",
    "workflow",
    "ref",
    "status",
    "reason",
    "message",
    "decided at",
    "settled at",
    "elapsed ms",
    "url"
  ],
  rows: rounds.flatMap(({ generation, targets }) =>
    targets.map((target) => [
      deliveryId,
      generation,
      target.repository,
      target.workflow,
      target.ref,
      target.status,
      target.code ?? null,
      target.message ?? null,
      target.decidedAt ?? null,
      target.settledAt ?? null,
      target.elapsed ?? null,
      target.startedUrl ?? null
    ])
  )
})

export const JourneyDrawer = ({ deliveryId }: { readonly deliveryId: string }) => {
  const [view, go] = useView()
  const title = useId()
  const [asking, ask] = useState(false)
  const { value, failure, outdated, retry } = useRemote(journey(deliveryId))
  const story = useMemo(() => (value === undefined || outdated ? undefined : storyOf(value.facts)), [value, outdated])
  useExported(story && journeyTable(story))
  const close = () => go({ ...view, journey: undefined })
  return (
    <Dialog look="drawer" labelledBy={title} onClose={close}>
      <header class="drawer-head">
        <h2 id={title}>Journey</h2>
        <div class="tools">
          <button
            type="button"
            class="button"
            title="What the rules of now say of such a run"
            disabled={story === undefined}
            onClick={() => story && go({ ...view, tab: "explain", journey: undefined, supposed: supposedOf(story) })}
          >
            <Icon name="explain" />
            Explain
          </button>
          <button type="button" class="button" disabled={story === undefined} onClick={() => ask(true)}>
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
        {story !== undefined ? (
          <>
            <JourneyHead story={story} />
            <Timeline story={story} />
          </>
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
      {asking && story !== undefined && <ReplayQuestion story={story} onDone={() => ask(false)} />}
    </Dialog>
  )
}
