// For TypeDoc. A schema and the type that it describes share a name and are one thing, described once, at the schema:
//
//     /** A workflow in a repository, on a ref. */
//     export const Target = Schema.Struct({ … })
//     export interface Target extends Schema.Schema.Type<typeof Target> {}
//
// This lets the description stand at both in the reference.
import { Converter } from "typedoc"

export const load = (app) => {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const { children = [] } of Object.values(project.reflections)) {
      const described = new Map(children.filter(({ comment }) => comment).map(({ name, comment }) => [name, comment]))
      for (const child of children) child.comment ??= described.get(child.name)?.clone()
    }
  })
}
