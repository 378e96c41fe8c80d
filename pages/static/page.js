// Everything here is a comfort: the pages work without it.
"use strict";

(function () {
  // A password field gets a button that shows what is typed. It is an input and
  // not a button element, so that the form keeps exactly one of those.
  function addReveal(field) {
    const password = field.querySelector("input[type=password]");
    if (!password) return;
    const eye = document.createElement("input");
    eye.type = "button";
    eye.className = "eye";
    eye.title = field.dataset.show;
    eye.setAttribute("aria-label", field.dataset.show);
    eye.setAttribute("aria-controls", password.id);

    const show = function (visible) {
      password.type = visible ? "text" : "password";
      eye.setAttribute("aria-pressed", String(visible));
    };
    show(false);
    eye.addEventListener("click", function () { show(password.type === "password"); });
    // Browsers offer to remember passwords, not text: hide it before it is sent.
    password.form.addEventListener("submit", function () { show(false); });
    window.addEventListener("pagehide", function () { show(false); });

    const box = document.createElement("div");
    box.className = "reveal";
    const focused = document.activeElement === password;
    password.replaceWith(box);
    box.append(password, eye);
    if (focused) password.focus(); // moving it took the focus away
  }

  // A second press of the button must not send the form twice. The mark goes
  // when the page is shown again, and after a while in any case.
  function guard(form) {
    const free = function () { delete form.dataset.busy; };
    form.addEventListener("submit", function (event) {
      if ("busy" in form.dataset) {
        event.preventDefault();
        return;
      }
      form.dataset.busy = "";
      setTimeout(free, 15000);
    });
    window.addEventListener("pageshow", free);
  }

  function addButton(place, text, press) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = text;
    button.addEventListener("click", press);
    place.append(button);
  }

  // A secret gets a button that copies it, where the browser lets us.
  function addCopy(secret) {
    if (!navigator.clipboard) return;
    const said = document.createElement("span");
    said.className = "said";
    said.setAttribute("role", "status");
    addButton(secret.parentElement, secret.dataset.copy, async function () {
      said.textContent = "";
      try {
        await navigator.clipboard.writeText(secret.textContent);
        said.textContent = secret.dataset.copied;
      } catch { // not allowed: leave it selected, to be copied by hand
        getSelection().selectAllChildren(secret);
      }
    });
    secret.parentElement.append(said);
  }

  function addPrint(place) {
    addButton(place, place.dataset.print, function () { window.print(); });
  }

  // Where autofocus did nothing (an address with a fragment, an older browser),
  // go to what went wrong.
  function findFault() {
    if (document.activeElement && document.activeElement !== document.body) return;
    const fault = document.querySelector("[aria-invalid=true], div.error[role=alert]:not([hidden])");
    if (fault) fault.focus();
  }

  document.querySelectorAll(".field[data-show]").forEach(addReveal);
  document.querySelectorAll("[data-copy]").forEach(addCopy);
  document.querySelectorAll("[data-print]").forEach(addPrint);
  document.querySelectorAll("form").forEach(guard);
  // After autofocus has had its turn.
  window.addEventListener("load", function () { requestAnimationFrame(findFault); });
})();
