/** What keeps the functions' bundles small: esbuild plugins. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Plugin } from "esbuild"

const sources = join(import.meta.dirname, "../../src")

/** `import { Effect, type Layer, pipe } from "effect/http"` */
const barrelImport = /^import \{([^}]*)\} from "(effect(?:\/[a-z-]+)?)"$/gm

/** `Array as Arrays`: a module of the barrel; or, in small letters, a function that the barrel itself gives. */
const importOf = (barrel: string, specifier: string): string => {
  const [name = "", local = name] = specifier.split(" as ")
  return /^[A-Z]/.test(name)
    ? `import * as ${local} from "${barrel}/${name}"`
    : `import { ${specifier} } from "${barrel}/Function"`
}

/**
 * Imports Effect's modules one by one, where our sources take them from a barrel: of a module that comes through a barrel, esbuild keeps
 * everything, of one that is imported as itself only what is used.
 */
export const onlyWhatIsUsed: Plugin = {
  name: "only what is used",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(sources)) return undefined
      const text = await readFile(path, "utf8")
      const contents = text.replaceAll(barrelImport, (_, names: string, barrel: string) =>
        names
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "" && !name.startsWith("type "))
          .map((name) => importOf(barrel, name))
          .join(";")
      )
      return { contents, loader: "ts" }
    })
}

/** In Lambda, credentials are in the environment; the ways to find them elsewhere are half as large as a client. */
export const credentialsFromEnvironment: Plugin = {
  name: "credentials from the environment",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "credentials"
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace,
      pluginData: resolveDir,
      sideEffects: false
    }))
    onLoad({ filter: /.*/, namespace }, ({ pluginData }) => ({
      contents: 'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env"',
      resolveDir: pluginData
    }))
  }
}

/**
 * Octokit's table of all of GitHub's endpoints is half as large as a client, takes a while to be set up, and goes unused: we name the
 * endpoints that we ask (`Octokits.ts` lets nothing else be done).
 */
export const withoutEndpointMethods: Plugin = {
  name: "without endpoint methods",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "endpoint-methods"
    onResolve({ filter: /^@octokit\/plugin-rest-endpoint-methods$/ }, ({ path }) => ({
      path,
      namespace,
      sideEffects: false
    }))
    onLoad({ filter: /.*/, namespace }, () => ({ contents: "export const legacyRestEndpointMethods = () => ({})" }))
  }
}

/**
 * Of undici, what `Outbound.ts` and `Fetch.ts` use, which speaks HTTP/1.1 by llhttp: without its WebSockets, caches and mocks, HTTP/2, and
 * its experimental parser, for which its own builds for Node have a switch.
 */
export const onlyRequestsOfUndici: Plugin = {
  name: "only requests of undici",
  setup: ({ onResolve, onLoad, initialOptions }) => {
    const namespace = "undici"
    initialOptions.define = { ...initialOptions.define, esbuildDetection: "true" }
    onResolve({ filter: /^undici$/ }, ({ path, resolveDir }) => ({ path, namespace, pluginData: resolveDir }))
    onLoad({ filter: /.*/, namespace }, ({ pluginData }) => ({
      // Proxies are asked by `connect`, GitHub by `request`.
      contents: `
        Object.assign(require("undici/lib/dispatcher/dispatcher.js").prototype, {
          connect: require("undici/lib/api/api-connect.js"),
          request: require("undici/lib/api/api-request.js")
        })
        exports.Agent = require("undici/lib/dispatcher/agent.js")
        exports.EnvHttpProxyAgent = require("undici/lib/dispatcher/env-http-proxy-agent.js")
        exports.fetch = require("undici/lib/web/fetch/index.js").fetch`,
      resolveDir: pluginData
    }))
    onLoad({ filter: /\/undici\/lib\/dispatcher\/client-h2\.js$/ }, () => ({ contents: "" }))
  }
}
