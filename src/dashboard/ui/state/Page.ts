/** The page's shared state, one object that every component can reach; made once, by `Browser.ts`. */

import type { Explanation } from "../../../domain/Explanation.ts"
import type { ApiAnswer, ApiClient } from "../api/Client.ts"
import type { ExplainBody } from "../api/Questions.ts"
import type { Sent } from "../api/Sent.ts"
import type { DataSet } from "../format/Csv.ts"
import type { ExplainDraft } from "./Draft.ts"
import type { HypotheticalInput } from "./HypotheticalInput.ts"
import type { Refresher } from "./Refreshing.ts"
import type { Remotes } from "./Remotes.ts"
import type { Searches } from "./Searches.ts"
import type { Store } from "./Store.ts"
import type { ViewState } from "./View.ts"

/** `system` follows the device. */
export type Theme = "system" | "light" | "dark"

/** A question of the Explain view. */
export interface Explained {
  readonly request: ExplainBody
  /** As the address has it. */
  readonly supposed: HypotheticalInput
  /** While it is asked, the answer is the one to the question before. */
  readonly busy: boolean
  readonly answer: ApiAnswer<Sent<Explanation>> | undefined
}

/** A sentence for the viewer, shown for a few seconds. */
export interface Notice {
  readonly tone: "good" | "bad"
  readonly text: string
}

export interface PageState {
  readonly client: ApiClient
  readonly remotes: Remotes
  readonly refresher: Refresher
  /** What is shown; the URL is always this. */
  readonly view: Store<ViewState>
  /** Shows something else, as a step that the browser's back button undoes; `replace` makes no step. */
  readonly go: (view: ViewState, how?: "push" | "replace") => void
  /** Which filters go together. */
  readonly searches: Store<Searches>
  /** Milliseconds since 1970, by the second. */
  readonly clock: Store<number>
  /** Grows with every change of any answer. */
  readonly changes: Store<number>
  /** What is being written in the Explain view. */
  readonly draft: Store<ExplainDraft>
  /** What the Explain view asked last, and the answer. */
  readonly explained: Store<Explained | undefined>
  readonly theme: Store<Theme>
  readonly notice: Store<Notice | undefined>
  /** What can be exported now, by name, in the order in which it was shown. */
  readonly exports: Map<string, DataSet>
}
