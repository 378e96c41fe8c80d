// One conversation of a front end with the server, from the first page view to
// sign-out. Each step's result is kept under its name, for the Go test to judge.
// Nothing in here navigates: it runs to its end inside one page.
const ada = { username: "ada", password: "correct horse" }

export async function scenario(page) {
  const { auth } = page
  const results = []
  const step = async (name, action) => {
    let result
    try {
      result = await action()
    } catch (problem) {
      result = { thrown: String(problem) }
    }
    results.push({ name, result: result === undefined ? "undefined" : result })
  }
  const signIn = (fields, more) => auth.signIn("credentials", { ...fields, redirect: false, ...more })
  const seen = () => ({ status: page.current.status, data: page.current.data })

  await step("providers", () => auth.getProviders())
  await step("csrf token", () => auth.getCsrfToken())
  await step("session before", () => auth.getSession())

  await step("wrong password", () => signIn({ username: "ada", password: "wrong horse" }))
  await step("null", () => signIn({ username: "null", password: "x" }))
  await step("coded refusal", () => signIn({ username: "code", password: "x" }))
  await step("unavailable", () => signIn({ username: "throw", password: "x" }))
  await step("missing password", () => signIn({ username: "ada", password: "" }))
  await step("session after refusals", () => auth.getSession())

  await step("next step", () => signIn({ username: "step", password: "x" }))
  await step("session during step", () => auth.getSession())
  await step("wrong code", () => signIn({ code: "000000" }))
  await step("next step again", () => signIn({ username: "step", password: "x" }))
  await step("right code", () => signIn({ code: "123456" }))
  await step("session after step", () => auth.getSession())
  await step("sign out after step", () => auth.signOut({ redirect: false }))

  await step("foreign callback", () => signIn(ada, { callbackUrl: "https://evil.example/" }))
  await step("relative callback", () => signIn(ada, { callbackUrl: "/dash?x=1" }))
  await step("session", () => auth.getSession())

  const unmount = page.mount()
  await until(() => page.current?.status === "authenticated")
  await step("useSession", seen)
  await step("update", () => page.current.update({ name: "Renamed", sub: "7", admin: true }))
  await until(() => page.current.data?.user?.name === "Renamed")
  await step("session after update", () => auth.getSession())
  await step("empty update", () => page.current.update())
  await until(() => page.current.status === "authenticated")
  await step("useSession after updates", seen)

  await step("sign out", () => auth.signOut({ redirect: false, callbackUrl: "/bye" }))
  await until(() => page.current.status === "unauthenticated")
  await step("useSession after", seen)
  await step("session after", () => auth.getSession())
  await step("sign in while mounted", () => signIn(ada))
  await until(() => page.current.status === "authenticated")
  await step("sign out at last", () => auth.signOut({ redirect: false }))
  await until(() => page.current.status === "unauthenticated")
  unmount()
  return results
}

async function until(holds) {
  const start = Date.now()
  while (!holds()) {
    if (Date.now() - start > 10_000) throw new Error(`waited in vain for ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
