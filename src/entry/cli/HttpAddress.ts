/** Addresses as people give them: of the service, or of where a payload is sent. */
import { Schema } from "effect"

/** Ports that no fetch asks (https://fetch.spec.whatwg.org/#port-blocking). */
export const blockedPorts: ReadonlySet<number> = new Set([
  ...[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110
  ],
  ...[
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532
  ],
  ...[540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061],
  ...[6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080]
])

/** What is expected of an address instead of what was found; undefined of one that can be asked. */
export const expectedOf = (address: string): string | undefined => {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    return "an address that begins with http:// or https://"
  }
  const { port } = new URL(address)
  return port !== "" && blockedPorts.has(Number(port))
    ? `an address with another port: fetch asks no port ${port} (https://fetch.spec.whatwg.org/#port-blocking)`
    : undefined
}

/** An http(s) address, as text. */
export const HttpAddress = Schema.String.check(
  Schema.makeFilter((text: string) => {
    const expected = expectedOf(text)
    return expected === undefined || `Expected ${expected}`
  })
)
