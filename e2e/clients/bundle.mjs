// node bundle.mjs FOLDER: makes v4.page.js, v5.page.js for a browser and
// v4.jsdom.js, v5.jsdom.js for jsdom, which cannot navigate and so gets a
// stand-in for window.location.
import { build } from "esbuild"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const outside = {
  "process.env.NODE_ENV": '"production"',
  "process.env.NEXTAUTH_URL": "undefined",
  "process.env.NEXTAUTH_URL_INTERNAL": "undefined",
  "process.env.VERCEL_URL": "undefined",
}
const kinds = { page: {}, jsdom: { "window.location": "standInLocation" } }

await Promise.all(
  ["v4", "v5"].flatMap((generation) =>
    Object.entries(kinds).map(([kind, more]) =>
      build({
        absWorkingDir: here,
        entryPoints: ["src/client.jsx"],
        outfile: `${process.argv[2]}/${generation}.${kind}.js`,
        alias: {
          "next-auth/react": `na${generation}/react`,
          "next-auth/webauthn": generation === "v5" ? "nav5/webauthn" : "./src/nokeys.js",
        },
        bundle: true,
        format: "iife",
        platform: "browser",
        jsx: "automatic",
        define: { ...outside, ...more },
        logLevel: "error",
      }),
    ),
  ),
)
