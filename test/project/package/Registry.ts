/**
 * A package registry on loopback that knows exactly the packages of some folders, in their versions. It has no tarballs: what may be
 * installed from it has to be there already. So npm decides as it does for everybody, and no test needs the network.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"

interface Manifest {
  readonly name: string
  readonly version: string
}

/** What a registry says of a package: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md */
const packument = (manifests: ReadonlyArray<Manifest>) => ({
  name: manifests[0]?.name,
  "dist-tags": { latest: manifests.at(-1)?.version },
  versions: Object.fromEntries(
    manifests.map((manifest) => [
      manifest.version,
      { ...manifest, dist: { tarball: `http://127.0.0.1:1/${manifest.name}.tgz` } }
    ])
  )
})

/** Serves while `use` runs, which gets the registry's address. */
export const withRegistry = async <A>(folders: ReadonlyArray<string>, use: (url: string) => Promise<A>): Promise<A> => {
  const manifests = folders.map((folder): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")))
  const byName = Map.groupBy(manifests, ({ name }) => name)
  const server = createServer((request, response) => {
    const known = byName.get(decodeURIComponent((request.url ?? "").slice(1)))
    response.writeHead(known === undefined ? 404 : 200, { "content-type": "application/json" })
    response.end(JSON.stringify(known === undefined ? {} : packument(known)))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  try {
    return await use(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
