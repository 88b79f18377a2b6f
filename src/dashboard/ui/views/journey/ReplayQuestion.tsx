/** Asks before a delivery is planned again, and says what that does. */
import { useId, useState } from "preact/hooks"
import { Dialog } from "../../components/Dialog.tsx"
import { usePage } from "../../hooks/Page.ts"
import type { JourneyRun } from "./Run.ts"

interface Props {
  readonly run: JourneyRun
  /** The journey is to be asked for again. */
  readonly onAsked: () => void
  readonly onDone: () => void
}

export const ReplayQuestion = ({ run: { deliveryId, repository, workflow }, onAsked, onDone }: Props) => {
  const { client, notice } = usePage()
  const title = useId()
  const [busy, setBusy] = useState(false)
  const replay = async () => {
    setBusy(true)
    const answer = await client.replay(deliveryId)
    onDone()
    if (answer._tag === "Failed") {
      notice.set({ tone: "bad", text: `The delivery was not replayed. ${answer.failure.message}` })
      return
    }
    notice.set({
      tone: "good",
      text: `Replay ${answer.value.generation} was asked for. Its steps appear here as they happen.`
    })
    onAsked()
  }
  return (
    <Dialog look="question" labelledBy={title} onClose={onDone}>
      <h2 id={title}>Replay this delivery?</h2>
      <p>
        The run of <strong>{workflow}</strong> in <strong>{repository}</strong> is planned again with the rules of
        today. Only targets that were not dispatched successfully are dispatched. The journey will say that you asked
        for it.
      </p>
      <footer>
        <button type="button" class="button" onClick={onDone}>
          Cancel
        </button>
        <button type="button" class="button is-primary" disabled={busy} onClick={() => void replay()}>
          {busy ? "Asking…" : "Replay"}
        </button>
      </footer>
    </Dialog>
  )
}
