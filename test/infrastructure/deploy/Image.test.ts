/** Images are built once, for dev; prod gets the very image that dev ran. */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { awsError, makeScripts } from "./Scripts.ts"

const { folder, run, program, called, forget, remove } = makeScripts()
afterAll(remove)

const digest = `sha256:${"1".repeat(64)}`
const other = `sha256:${"2".repeat(64)}`
const pushed = join(folder, "pushed")

/** A registry. `tags`: what `describe-images` says of an image id, before anything is pushed; afterwards `after`. */
const registry = (tags: Readonly<Record<string, string>>, after = `echo ${digest}`): void => {
  rmSync(pushed, { force: true })
  const known = Object.entries(tags).map(([tag, answer]) => `*imageTag=${tag}" "*) ${answer} ;;`)
  program(
    "aws",
    `case $2 in
      describe-images)
        [[ -e ${pushed} ]] && { ${after}; exit; }
        case "$* " in ${known.join("\n")} *) ${awsError("ImageNotFoundException")} ;; esac ;;
      describe-repositories) echo registry.example/dispatcher ;;
      get-login-password) echo password ;;
      batch-get-image) cat ${folder}/image.json ;;
      put-image) ;;
    esac`
  )
  program("docker", `[[ $1 == buildx ]] && touch ${pushed}; cat >/dev/null; echo noise`)
}

beforeEach(forget)

describe("image.sh", () => {
  const env = { REGISTRY_NAME: "dispatcher-dev", IMAGE_TAG: "abc" }

  it("pushes an image that is not there yet, for Lambda, and prints its digest", async () => {
    registry({})
    const { status, stdout, stderr } = await run("deploy/image.sh", [], { env })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, `${digest}\n`)
    assert.include(called(), "docker login --username AWS --password-stdin registry.example")
    const build = called().find((call) => call.startsWith("docker buildx build")) ?? ""
    for (const option of [
      "--target lambda",
      "--provenance=false",
      "--label org.opencontainers.image.revision=abc",
      "--tag registry.example/dispatcher:abc",
      "--push"
    ]) {
      assert.include(build, option)
    }
  })

  it("builds nothing where the image is there already", async () => {
    registry({ abc: `echo ${digest}` })
    const { status, stdout } = await run("deploy/image.sh", [], { env })
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, `${digest}\n`)
    assert.strictEqual(called().length, 1)
  })

  it("builds nothing where the registry does not answer", async () => {
    registry({ abc: awsError("ThrottlingException") })
    const { status, stderr } = await run("deploy/image.sh", [], { env })
    assert.notStrictEqual(status, 0)
    assert.match(stderr, /ThrottlingException/)
    assert.isFalse(existsSync(pushed))
  })

  it.each([
    ["there is no digest", awsError("ImageNotFoundException"), /no image abc after it was pushed/],
    ["it is no digest", "echo None", /names None as the digest/]
  ])("fails where the image was pushed and %s", async (_, after, message) => {
    registry({}, after)
    const { status, stdout, stderr } = await run("deploy/image.sh", [], { env })
    assert.notStrictEqual(status, 0)
    assert.strictEqual(stdout, "")
    assert.match(stderr, message)
  })
})

describe("promote.sh find", () => {
  const env = { REGISTRY_NAME: "dispatcher-dev", IMAGE_TAG: "abc" }

  it("finds the image that dev ran", async () => {
    registry({ "deployed-abc": `echo ${digest}` })
    const { status, stdout } = await run("deploy/promote.sh", ["find"], { env })
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, `registry.example/dispatcher@${digest}\n`)
  })

  it("fails for an image that was built and never ran", async () => {
    registry({ abc: `echo ${digest}` })
    const { status, stdout, stderr } = await run("deploy/promote.sh", ["find"], { env })
    assert.strictEqual(status, 1)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /dispatcher-dev never ran abc: deploy it there first/)
  })

  it("does not say so where the registry does not answer", async () => {
    registry({ "deployed-abc": awsError("AccessDeniedException") })
    const { status, stderr } = await run("deploy/promote.sh", ["find"], { env })
    assert.notStrictEqual(status, 0)
    assert.match(stderr, /AccessDeniedException/)
    assert.notMatch(stderr, /never ran/)
  })
})

describe("promote.sh copy", () => {
  const env = { REGISTRY_NAME: "dispatcher-prod", IMAGE_TAG: "abc" }
  const found = `dev.example/dispatcher-dev@${digest}`

  it("copies the image as it is, and builds none", async () => {
    registry({})
    const { status, stdout, stderr } = await run("deploy/promote.sh", ["copy", found], { env })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, `${digest}\n`)
    assert.deepStrictEqual(
      called().filter((call) => call.startsWith("docker buildx")),
      [`docker buildx imagetools create --prefer-index=false --tag registry.example/dispatcher:abc ${found}`]
    )
  })

  it("copies nothing twice", async () => {
    registry({ abc: `echo ${digest}` })
    const { status } = await run("deploy/promote.sh", ["copy", found], { env })
    assert.strictEqual(status, 0)
    assert.isFalse(existsSync(pushed))
  })

  it("fails where the copy is another image", async () => {
    registry({}, `echo ${other}`)
    const { status, stdout, stderr } = await run("deploy/promote.sh", ["copy", found], { env })
    assert.strictEqual(status, 1)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /dispatcher-prod has sha256:2+ as abc, and not sha256:1+,/)
  })

  it("fails where the copy is not there", async () => {
    registry({}, awsError("ImageNotFoundException"))
    const { status, stderr } = await run("deploy/promote.sh", ["copy", found], { env })
    assert.strictEqual(status, 1)
    assert.match(stderr, /has no image as abc/)
  })
})

describe("promote.sh mark", () => {
  const env = { REGISTRY_NAME: "dispatcher-dev", IMAGE_TAG: "abc" }
  const put = () => called().filter((call) => call.startsWith("aws ecr put-image"))

  it("gives the image that was deployed a second tag", async () => {
    registry({ abc: `echo ${digest}` })
    writeFileSync(join(folder, "image.json"), JSON.stringify({ images: [{ imageManifest: '{"schemaVersion":2}' }] }))
    const { status, stderr } = await run("deploy/promote.sh", ["mark", digest], { env })
    assert.strictEqual(status, 0, stderr)
    assert.deepStrictEqual(put(), [
      `aws ecr put-image --repository-name dispatcher-dev --image-tag deployed-abc --image-digest ${digest} --image-manifest {"schemaVersion":2}`
    ])
  })

  it("leaves an image alone that has it", async () => {
    registry({ "deployed-abc": `echo ${digest}` })
    const { status } = await run("deploy/promote.sh", ["mark", digest], { env })
    assert.strictEqual(status, 0)
    assert.deepStrictEqual(put(), [])
  })

  it("fails where the image is gone", async () => {
    registry({})
    writeFileSync(join(folder, "image.json"), JSON.stringify({ images: [], failures: [{}] }))
    const { status, stderr } = await run("deploy/promote.sh", ["mark", digest], { env })
    assert.strictEqual(status, 1)
    assert.match(stderr, /dispatcher-dev has no image sha256:1+/)
    assert.deepStrictEqual(put(), [])
  })
})

describe("promote.sh keep", () => {
  const env = { REGISTRY_NAME: "dispatcher-dev" }
  const input = "planner live 7\ndispatcher live 7\nadmin live 6\n"
  const put = () => called().filter((call) => call.startsWith("aws ecr put-image"))
  /** Version 7 of the functions runs the one image, version 6 the other one. `tags`: the answer about each. */
  const running = (one: string, two: string) =>
    program(
      "aws",
      `case "$2 $*" in
        get-function*"--qualifier 7 "*) echo registry.example/dispatcher@${digest} ;;
        get-function*) echo registry.example/dispatcher@${other} ;;
        describe-images*imageTag=*) ${awsError("ImageNotFoundException")} ;;
        describe-images*${digest}*) ${one} ;;
        describe-images*) ${two} ;;
        batch-get-image*) echo '{"images":[{"imageManifest":"{}"}]}' ;;
      esac`
    )

  it("gives what aliases run the tag that their deployment could not give, and each image once", async () => {
    running("printf 'abc\\n'", "printf 'def\\tdeployed-def\\n'")
    const { status, stderr } = await run("deploy/promote.sh", ["keep"], { env, input })
    assert.strictEqual(status, 0, stderr)
    assert.deepStrictEqual(put(), [
      `aws ecr put-image --repository-name dispatcher-dev --image-tag deployed-abc --image-digest ${digest} --image-manifest {}`
    ])
  })

  it("says where an image is gone or has no commit, and goes on", async () => {
    running(awsError("ImageNotFoundException"), "echo None")
    const { status, stderr } = await run("deploy/promote.sh", ["keep"], { env, input })
    assert.strictEqual(status, 0, stderr)
    for (const gone of [digest, other]) assert.include(stderr, `no image of a commit as ${gone}, which an alias runs`)
    assert.deepStrictEqual(put(), [])
  })

  it("does nothing where nothing runs yet", async () => {
    running("exit 1", "exit 1")
    const { status } = await run("deploy/promote.sh", ["keep"], { env })
    assert.strictEqual(status, 0)
  })

  it("fails where the registry does not answer, and where a function does not", async () => {
    running(awsError("AccessDeniedException"), "echo deployed-def")
    assert.notStrictEqual((await run("deploy/promote.sh", ["keep"], { env, input })).status, 0)
    program("aws", awsError("TooManyRequestsException"))
    assert.notStrictEqual((await run("deploy/promote.sh", ["keep"], { env, input })).status, 0)
    assert.deepStrictEqual(put(), [])
  })

  it("has the others say which commit they need", async () => {
    const { status, stderr } = await run("deploy/promote.sh", ["mark", digest], { env })
    assert.notStrictEqual(status, 0)
    assert.include(stderr, "IMAGE_TAG")
  })
})
