// node tokens.mjs < JOBS: the real encode, decode and getToken of both
// generations. Reads a JSON list of jobs, prints the list of their answers;
// an exception becomes {"thrown": text}.
import { createRequire } from "node:module"
import fs from "node:fs"

const generations = {
  v4: createRequire(import.meta.url)("nav4/jwt"),
  v5: await import("nav5/jwt"),
}

const answers = []
for (const job of JSON.parse(fs.readFileSync(0, "utf8"))) {
  try {
    answers.push(await run(generations[job.generation], job))
  } catch (problem) {
    answers.push({ thrown: String(problem) })
  }
}
process.stdout.write(JSON.stringify(answers))

function run(jwt, job) {
  switch (job.call) {
    case "encode":
      return jwt.encode({ token: job.claims, secret: job.secret, salt: job.salt ?? "", maxAge: job.maxAge })
    case "decode":
      return jwt.decode({ token: job.token, secret: job.secret, salt: job.salt ?? "" })
    case "getToken":
      return jwt.getToken({
        req: { headers: { cookie: job.cookie }, cookies: parsed(job.cookie) },
        secret: job.secret,
        secureCookie: job.secure,
        cookieName: job.cookieName,
      })
  }
  throw new Error(`no such call: ${job.call}`)
}

function parsed(header) {
  return Object.fromEntries(
    header.split("; ").map((pair) => {
      const at = pair.indexOf("=")
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
    }),
  )
}
