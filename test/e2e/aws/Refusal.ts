import { Refusal } from "../Proxy.ts"

/** An error of an AWS service. */
export const refusal = (type: string, more: object = {}): Refusal =>
  new Refusal(400, { __type: type, message: "made up by the test", ...more })
