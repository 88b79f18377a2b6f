/** Events and facts for people: one line each, and a second one where there is something to say. Pure. */
import type { EventRow } from "../../domain/Answers.ts"
import { eventRow } from "../../domain/EventRow.ts"
import type { Fact } from "../../domain/Fact.ts"
import { type FactEntry, factTable } from "../../domain/FactTable.ts"
import { paint, plain } from "./Terminal.ts"

type Tone = FactEntry<never>["tone"]
const styles: Readonly<Record<Tone, Parameters<typeof paint>[0]>> = {
  good: "green",
  bad: "red",
  warning: "yellow",
  plain: "cyan",
  quiet: "dim"
}
const tones: Readonly<Record<string, { readonly tone: Tone } | undefined>> = factTable

/** An event, as a line of a list of many deliveries. */
export const eventLine = (row: EventRow): string => {
  const { time, type, status, deliveryId, source, workflow, target, reason, message, url } = row
  const word = paint(styles[tones[type]?.tone ?? "plain"], status.padEnd(11))
  const about = target === null ? "" : ` → ${target}`
  const why = [status === "accepted" ? `delivery ${deliveryId}` : null, reason, message, url]
    .filter((part) => part !== null)
    .join(": ")
  const detail = why === "" ? "" : `\n${" ".repeat(38)}${paint("dim", plain(why))}`
  return `${paint("dim", time)}  ${word} ${plain(`${source} ${workflow}${about}`)}${detail}`
}

/** A fact of a journey. */
export const factLine = (fact: Fact): string => eventLine(eventRow(fact, fact.time))

/** The traces in which a journey's facts were published, to look them up; nothing where there was no tracing. */
export const traceLine = (facts: ReadonlyArray<Fact>): ReadonlyArray<string> => {
  const ids = new Set(facts.flatMap(({ traceparent }) => traceparent?.split("-")[1] ?? []))
  return ids.size === 0 ? [] : [paint("dim", plain(`trace ${[...ids].join(", ")}`))]
}
