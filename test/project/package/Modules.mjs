// Imports a module and prints the addresses of everything that was loaded for it. Run in the folder of a project, with the module's name.
import { registerHooks } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const loaded = []
registerHooks({
  load: (url, context, next) => {
    loaded.push(url)
    return next(url, context)
  },
  resolve: (specifier, context, next) => {
    const parentURL =
      context.parentURL === import.meta.url ? `${pathToFileURL(join(process.cwd(), "x.js"))}` : context.parentURL
    return next(specifier, { ...context, parentURL })
  }
})
await import(process.argv[2])
process.stdout.write(JSON.stringify(loaded))
