// What TypeDoc needs for Effect's types.
import { Converter, DeclarationReflection, ReflectionKind } from "typedoc"

// A schema and the type that it describes share a name and are one thing, described once, at the schema:
//
//     /** A workflow in a repository, on a ref. */
//     export const Target = Schema.Struct({ … })
//     export interface Target extends Schema.Schema.Type<typeof Target> {}
//
// In the reference, the description stands at both.
const describeBoth = ({ children = [] }) => {
  const described = new Map(children.filter(({ comment }) => comment).map(({ name, comment }) => [name, comment]))
  for (const child of children) child.comment ??= described.get(child.name)?.clone()
}

// The methods of a service are in what its class extends, where TypeDoc shows types only. In the reference they are its property `Service`,
// with their descriptions, and the constructor, which is not called directly, is not there.
const showMethods = (project, service) => {
  const shape = service.extendedTypes?.find(({ name }) => name === "Shape")?.typeArguments?.[1]
  if (shape === undefined) return
  for (const child of [...(service.children ?? [])]) project.removeReflection(child)
  const methods = new DeclarationReflection("Service", ReflectionKind.Property, service)
  methods.type = shape
  project.registerReflection(methods, undefined, undefined)
  service.addChild(methods)
  service.extendedTypes = undefined
}

export const load = (app) => {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      describeBoth(reflection)
      if (reflection.kind === ReflectionKind.Class) showMethods(project, reflection)
    }
  })
}
