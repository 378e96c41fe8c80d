// Security keys and passkeys: the browser speaks with the key, and the form
// carries what it said. Nothing is fetched.
"use strict";

(function () {
  const loaded = Date.now();
  const oldest = 270000; // milliseconds: half a minute before the question expires
  const usable = window.isSecureContext && "PublicKeyCredential" in window && Boolean(navigator.credentials);

  function fromBase64url(text) {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binary, function (c) { return c.charCodeAt(0); });
  }

  function toBase64url(buffer) {
    let binary = "";
    for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // question makes what the browser is called with from the JSON of the form.
  // All bytes are base64url there, but the id of the user, which is text.
  function question(form) {
    const options = JSON.parse(form.dataset.options);
    const key = options.publicKey || options;
    const known = function (list) {
      return list && list.map(function (c) { return Object.assign({}, c, { id: fromBase64url(c.id) }); });
    };
    const out = Object.assign({}, key, { challenge: fromBase64url(key.challenge) });
    if (key.user) out.user = Object.assign({}, key.user, { id: new TextEncoder().encode(key.user.id) });
    if (key.allowCredentials) out.allowCredentials = known(key.allowCredentials);
    if (key.excludeCredentials) out.excludeCredentials = known(key.excludeCredentials);
    return out;
  }

  // optional calls a method that older browsers lack.
  function optional(object, method) {
    if (typeof object[method] !== "function") return undefined;
    const value = object[method]();
    return value instanceof ArrayBuffer ? toBase64url(value) : value === null ? undefined : value;
  }

  function answer(credential) {
    const r = credential.response;
    const response = { clientDataJSON: toBase64url(r.clientDataJSON) };
    if (r.attestationObject) {
      response.attestationObject = toBase64url(r.attestationObject);
      response.transports = optional(r, "getTransports");
      response.publicKeyAlgorithm = optional(r, "getPublicKeyAlgorithm");
      response.publicKey = optional(r, "getPublicKey");
      response.authenticatorData = optional(r, "getAuthenticatorData");
    } else {
      response.authenticatorData = toBase64url(r.authenticatorData);
      response.signature = toBase64url(r.signature);
      if (r.userHandle && r.userHandle.byteLength) response.userHandle = new TextDecoder().decode(r.userHandle);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: toBase64url(credential.rawId),
      response: response,
      type: credential.type,
      clientExtensionResults: credential.getClientExtensionResults(),
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
    });
  }

  // stale reloads a page whose question is about to expire.
  function stale() {
    if (Date.now() - loaded < oldest) return false;
    location.reload();
    return true;
  }

  function send(form, credential) {
    form.elements.data.value = answer(credential);
    form.submit(); // no event: nothing asks again
  }

  function sentence(form, error) {
    switch (error && error.name) {
      case "InvalidStateError":
        return form.dataset.webauthn === "create" ? form.dataset.known : form.dataset.failed;
      case "SecurityError":
        return form.dataset.insecure;
    }
    return form.dataset.failed;
  }

  // report says what went wrong in place of what was said before.
  function report(form, text) {
    const place = form.parentElement.querySelector(".report") || document.querySelector(".report");
    document.querySelectorAll("div.error:not(.report)").forEach(function (e) { e.hidden = true; });
    const p = document.createElement("p");
    p.textContent = text;
    place.hidden = false;
    place.replaceChildren(p);
    place.focus();
  }

  // The browser speaks with one key at a time: what it offers among the names
  // of the sign-in form ends before a button starts, and before the page goes.
  let offered = null; // { abort, over }

  async function stopOffering() {
    if (!offered) return;
    const { abort, over } = offered;
    offered = null;
    abort.abort();
    await over;
  }

  async function offer(form) {
    const available = PublicKeyCredential.isConditionalMediationAvailable;
    if (offered || !document.querySelector("input[autocomplete~=webauthn]") || typeof available !== "function") return;
    if (!(await available.call(PublicKeyCredential)) || offered || "running" in form.dataset) return;
    const abort = new AbortController();
    const over = navigator.credentials.get({ publicKey: question(form), mediation: "conditional", signal: abort.signal })
      .then(function (credential) { if (credential && !abort.signal.aborted && !stale()) send(form, credential); })
      .catch(function () {}); // nobody asked for anything: nothing to report
    offered = { abort, over };
  }

  async function ask(form) {
    if ("running" in form.dataset || stale()) return;
    form.dataset.running = "";
    try {
      await stopOffering();
      const call = { publicKey: question(form) };
      const credential = await (form.dataset.webauthn === "create" ? navigator.credentials.create(call) : navigator.credentials.get(call));
      send(form, credential);
    } catch (error) {
      report(form, sentence(form, error));
      delete form.dataset.busy;
      if (form.closest(".passkey")) setTimeout(offer, 0, form);
    } finally {
      delete form.dataset.running;
    }
  }

  function prepare(form) {
    const passkey = form.closest(".passkey");
    const clear = function () { form.elements.data.value = ""; }; // browsers fill in what was there before a reload
    if (!usable) {
      if (!passkey) report(form, window.isSecureContext ? form.dataset.unsupported : form.dataset.insecure);
      return;
    }
    clear();
    window.addEventListener("pageshow", clear);
    form.hidden = false;
    if (passkey) passkey.hidden = false;
    form.addEventListener("submit", function (event) {
      const again = event.defaultPrevented;
      event.preventDefault();
      if (!again) ask(form);
    });
    if (passkey) {
      offer(form);
      document.addEventListener("submit", function (event) { if (event.target !== form) stopOffering(); });
    } else if (form.dataset.webauthn === "get" && !document.querySelector("[autofocus]")) {
      form.querySelector("button").focus();
    }
  }

  document.querySelectorAll("form[data-webauthn]").forEach(prepare);
})();
