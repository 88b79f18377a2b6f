/**
 * The App's private key as people store it: a PEM file's text, with real line ends or with `\n` spelled out so that it
 * fits on one line of a `.env` file, indented or not, or the file in base64; in PKCS#1 (as GitHub hands it out) or PKCS#8.
 *
 * It is checked once, when the settings are read, so that a wrong key is named at start and not on the first delivery.
 */
import { createPrivateKey, type KeyObject } from "node:crypto"
import { Redacted, Result } from "effect"

const withRealLineEnds = (text: string): string =>
  text
    .trim()
    .replaceAll("\\r", "")
    .replaceAll("\\n", "\n")
    .replaceAll(/^[ \t]+|[ \t\r]+$/gm, "")

/** Base64 of the whole file, as people store it where line ends get lost; its lines may be folded. */
const decoded = (text: string): string =>
  text.includes("-----") || !/^[\w+/=\s-]+$/.test(text) ? text : Buffer.from(text, "base64").toString("utf8")

const readKey = (pem: string): Result.Result<KeyObject, string> =>
  Result.try({
    try: () => createPrivateKey(pem),
    // OpenSSL's own words are about its decoders, not about the file, so they would not help anybody.
    catch: () => "is not an unencrypted private key in PEM form (-----BEGIN RSA PRIVATE KEY----- …)"
  })

/** The key in PKCS#8 PEM, which is what signing wants; or, as a predicate ("is not …"), what is wrong with the text. */
export const parsePrivateKey = (text: string): Result.Result<Redacted.Redacted<string>, string> =>
  Result.flatMap(readKey(withRealLineEnds(decoded(text))), (key) =>
    key.asymmetricKeyType === "rsa"
      ? Result.succeed(Redacted.make(key.export({ type: "pkcs8", format: "pem" }).toString(), { label: "private key" }))
      : Result.fail(`is not an RSA key but ${key.asymmetricKeyType ?? "unknown"}; GitHub Apps sign with RSA`)
  )
