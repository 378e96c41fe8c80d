// node jsdom.mjs BUNDLE ORIGIN: runs the scenario in jsdom and prints one JSON
// object {results, navigations, requests, problems}.
import fs from "node:fs"
import { JSDOM, VirtualConsole } from "jsdom"

const [bundle, origin] = process.argv.slice(2)
const report = { results: [], navigations: [], requests: [], problems: [] }

const console = new VirtualConsole()
console.on("error", (...parts) => report.problems.push(parts.map(String).join(" ")))
console.on("jsdomError", (problem) => report.problems.push(problem.message))
const dom = new JSDOM("<!doctype html><title>client</title><div id=root></div>", {
  url: `${origin}/client`,
  runScripts: "outside-only",
  pretendToBeVisual: true,
  virtualConsole: console,
})
const page = dom.window

page.standInLocation = {
  get href() {
    return page.document.URL
  },
  set href(target) {
    report.navigations.push(new URL(target, page.document.URL).href)
  },
  reload() {
    report.navigations.push("reload")
  },
}
page.fetch = browserFetch
page.Headers = Headers
page.Response = Response

page.eval(fs.readFileSync(bundle, "utf8"))
report.results = await page.scenario()
await navigations()
process.stdout.write(JSON.stringify(report), () => process.exit(0))

// navigations makes the calls that leave the page; the stand-in notes where to.
async function navigations() {
  const { auth } = page
  await auth.signIn()
  await auth.signIn("unheard-of")
  await auth.signIn("credentials", { username: "null", password: "x" })
  await auth.signIn("credentials", { username: "ada", password: "correct horse", callbackUrl: "/dash" })
  await auth.signOut({ callbackUrl: "/bye" })
}

// browserFetch does what jsdom leaves out: relative addresses, the page's own
// cookie jar, the headers a browser adds, redirects whose cookies are kept.
async function browserFetch(address, init = {}) {
  let url = new URL(address, page.document.URL)
  let method = (init.method ?? "GET").toUpperCase()
  let body = init.body
  const headers = new Headers(init.headers)
  if (body instanceof page.URLSearchParams) {
    body = body.toString()
    if (!headers.has("content-type")) headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8")
  }
  for (let hop = 0; hop < 10; hop++) {
    const sent = new Headers(headers)
    const cookies = await dom.cookieJar.getCookieString(url.href)
    if (cookies) sent.set("cookie", cookies)
    sent.set("referer", page.document.URL)
    sent.set("sec-fetch-site", "same-origin")
    if (method !== "GET") sent.set("origin", origin)
    const answer = await fetch(url, { method, headers: sent, body, redirect: "manual" })
    report.requests.push(`${method} ${url.pathname} ${answer.status}`)
    for (const cookie of answer.headers.getSetCookie()) await dom.cookieJar.setCookie(cookie, url.href)
    const target = answer.headers.get("location")
    if (!target || answer.status < 300 || answer.status > 399) return answer
    url = new URL(target, url)
    if (answer.status < 307 && method !== "HEAD") {
      method = "GET"
      body = undefined
      headers.delete("content-type")
    }
  }
  throw new TypeError("too many redirects")
}
