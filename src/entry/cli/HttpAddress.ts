/** Addresses as people give them: of the service, or of where a payload is sent. */
import { Effect } from "effect"
import { WrongUsage } from "./Failures.ts"
import { plain } from "./Terminal.ts"

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
  if (!/^https?:\/\//i.test(address)) return "an address that begins with http:// or https://"
  if (!URL.canParse(address)) return "an address with a host, and a port up to 65535 if any"
  const { port, username, password, search, hash } = new URL(address)
  if (`${username}${password}${search}${hash}` !== "") return "an address without credentials, query and fragment"
  return port !== "" && blockedPorts.has(Number(port))
    ? `an address with another port: fetch asks no port ${port} (https://fetch.spec.whatwg.org/#port-blocking)`
    : undefined
}

/** An address in a message; nothing of one that may hold a secret. */
const shown = (address: string): string => (/[@?#]/.test(address) ? "an address that is not shown" : plain(address))

/** The address that a setting or a flag gives, if it can be asked; else a wrong call, which names what gave it. Pure. */
export const askable = (setting: string, address: string): Effect.Effect<string, WrongUsage> => {
  const expected = expectedOf(address)
  return expected === undefined
    ? Effect.succeed(address)
    : Effect.fail(new WrongUsage({ message: `${setting} leads to ${shown(address)}. Expected ${expected}` }))
}
