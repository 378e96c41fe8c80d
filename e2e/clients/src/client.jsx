// The page under test: the unmodified client of one generation (bundle.mjs says
// which), a provider that shows what useSession sees, and the scenario.
import * as auth from "next-auth/react"
import * as keys from "next-auth/webauthn"
import { createRoot } from "react-dom/client"
import { scenario } from "./scenario.js"

function Watch() {
  const session = auth.useSession()
  window.current = session
  return <output>{session.status}</output>
}

window.auth = auth
window.keys = keys

window.mount = (props = {}) => {
  const root = createRoot(document.getElementById("root"))
  root.render(
    <auth.SessionProvider {...props}>
      <Watch />
    </auth.SessionProvider>,
  )
  return () => root.unmount()
}

window.scenario = () => scenario(window)
