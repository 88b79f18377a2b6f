/** The runs of a large chain beyond its first page. */
import type { SentAnswers } from "../../api/Answers.ts"
import type { ApiAnswer } from "../../api/Client.ts"
import type { ApiFailure } from "../../api/Failure.ts"

type Chain = SentAnswers["chain"]

/** The runs after the first page of a chain, from at most so many pages. */
export interface Rest extends Chain {
  readonly failure: ApiFailure | undefined
}

/** Reads at most so many pages from a cursor on, one request each; what was read stays where one fails. */
export const readRest = async (
  ask: (cursor: string) => Promise<ApiAnswer<Chain>>,
  from: string | null,
  pages: number
): Promise<Rest> => {
  let rest: Rest = { nodes: [], cursor: from, failure: undefined }
  for (let page = 0; page < pages && rest.cursor !== null; page++) {
    const answer = await ask(rest.cursor)
    if (answer._tag === "Failed") return { ...rest, failure: answer.failure }
    rest = { ...rest, nodes: [...rest.nodes, ...answer.value.nodes], cursor: answer.value.cursor }
  }
  return rest
}
