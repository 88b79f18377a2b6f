/**
 * The trace context in X-Ray's words, which AWS's services pass on:
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */

/** `Root=1-<8 digits>-<24 digits>;Parent=<span id>;Sampled=<0 or 1>` for a `traceparent`. */
export const xrayHeader = (traceparent: string): string => {
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-")
  const sampled = Number.parseInt(flags, 16) & 1
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled}`
}

/** The `traceparent` that X-Ray's header means; undefined where it names no span. */
export const traceparentOfXray = (header: string | undefined): string | undefined => {
  const [, start = "", rest = ""] = /\bRoot=1-([0-9a-f]{8})-([0-9a-f]{24})\b/.exec(header ?? "") ?? []
  const [, span] = /\bParent=([0-9a-f]{16})\b/.exec(header ?? "") ?? []
  return span === undefined || start === ""
    ? undefined
    : `00-${start}${rest}-${span}-0${/\bSampled=1\b/.test(header ?? "") ? 1 : 0}`
}
