/** aliases.sh remembers and moves aliases, and takes no trouble for an answer. */
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { awsError, makeScripts } from "./Scripts.ts"

const { run, program, called, forget, remove } = makeScripts()
beforeEach(forget)
afterAll(remove)

const versions = "facts live 7\nrollup live 6\n"

describe("aliases.sh save", () => {
  it("remembers the versions of the aliases that there are", async () => {
    program("aws", `[[ $* == *"--function-name new"* ]] && { ${awsError("ResourceNotFoundException")}; }; echo 7`)
    const { status, stdout } = await run("deploy/aliases.sh", ["save", "facts:live", "new:live", "rollup:live"])
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, "facts live 7\nrollup live 7\n")
  })

  it.each(["TooManyRequestsException", "AccessDeniedException", "ExpiredTokenException"])(
    "fails for %s: what is not known is not remembered as absent",
    async (code) => {
      program("aws", awsError(code))
      const { status, stdout, stderr } = await run("deploy/aliases.sh", ["save", "facts:live"])
      assert.strictEqual(status, 254)
      assert.strictEqual(stdout, "")
      assert.match(stderr, new RegExp(code))
    }
  )

  it("has AWS's command line wait where AWS is asked too fast", async () => {
    program("aws", `echo "$AWS_RETRY_MODE-$AWS_MAX_ATTEMPTS"`)
    const { stdout } = await run("deploy/aliases.sh", ["save", "facts:live"])
    assert.strictEqual(stdout, "facts live standard-8\n")
  })
})

describe("aliases.sh wanted", () => {
  it("reads what Terraform says the aliases are to name", async () => {
    const input = JSON.stringify({ "facts:live": "7", "rollup:live": "6" })
    assert.strictEqual((await run("deploy/aliases.sh", ["wanted"], { input })).stdout, versions)
  })

  it("fails where Terraform says nothing", async () => {
    assert.notStrictEqual((await run("deploy/aliases.sh", ["wanted"], { input: "no output" })).status, 0)
  })
})

describe("aliases.sh weigh", () => {
  it("gives a version its share", async () => {
    program("aws", "")
    const { status } = await run("deploy/aliases.sh", ["weigh", "10"], { input: versions })
    assert.strictEqual(status, 0)
    assert.deepStrictEqual(called(), [
      'aws lambda update-alias --function-name facts --name live --routing-config {"AdditionalVersionWeights":{"7":0.1}}',
      'aws lambda update-alias --function-name rollup --name live --routing-config {"AdditionalVersionWeights":{"6":0.1}}'
    ])
  })

  it("fails at the first that cannot be changed", async () => {
    program("aws", awsError("ResourceConflictException"))
    const { status } = await run("deploy/aliases.sh", ["weigh", "10"], { input: versions })
    assert.notStrictEqual(status, 0)
    assert.strictEqual(called().length, 1)
  })
})

describe("aliases.sh move", () => {
  const all = '--routing-config {"AdditionalVersionWeights":{}}'

  it("moves every alias, and gives no other version a share any more", async () => {
    program("aws", "")
    const { status } = await run("deploy/aliases.sh", ["move"], { input: versions })
    assert.strictEqual(status, 0)
    assert.deepStrictEqual(called(), [
      `aws lambda update-alias --function-name facts --name live --function-version 7 ${all}`,
      `aws lambda update-alias --function-name rollup --name live --function-version 6 ${all}`
    ])
  })

  it("moves the others where one cannot be moved, and fails", async () => {
    program("aws", '[[ $* == *"--function-name gone"* ]] && exit 254; exit 0')
    const { status, stderr } = await run("deploy/aliases.sh", ["move"], { input: "gone live 7\nfacts live 6\n" })
    assert.strictEqual(status, 1)
    assert.match(stderr, /gone:live could not be moved to version 7\nfacts:live is version 6/)
  })
})
