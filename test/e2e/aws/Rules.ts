/** Rules for what passes between the functions and the rest of the world. */
import type { Rule, Ruling } from "../Proxy.ts"

/** An error of an AWS service. */
export const refusal = (type: string, more: object = {}): Ruling => ({
  status: 400,
  body: { __type: type, message: "made up by the test", ...more }
})

/** Requests of an operation meet these one after another, again and again. What is lost is the answer: AWS has acted. */
export const inTurns = (operation: string, rulings: ReadonlyArray<Ruling>): Rule => {
  const given = new Map<number, Ruling>()
  return (passing) => {
    if (passing.operation !== operation) return "pass"
    const { id, moment } = passing
    if (moment === "before") given.set(id, rulings[given.size % rulings.length] ?? "pass")
    const ruling = given.get(id) ?? "pass"
    return (ruling === "lost") === (moment === "after") ? ruling : "pass"
  }
}
