// Passkeys: a form with data-passkey asks the browser for one ("create" or "get"), and is then sent with what it gave.
"use strict";

const knows = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;

const optionsFor = async (form) => {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const headers = { "X-CSRF-Token": form.elements.csrf_token.value, "Accept-Language": document.documentElement.lang };
  const answer = await fetch(form.dataset.ask, { method: "POST", headers });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.detail);
  return found.options;
};

const ask = async (form) => {
  const options = await optionsFor(form);
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button");
  if (!knows) continue;
  form.querySelector("[data-without]").hidden = true;
  for (const part of form.querySelectorAll("[data-with]")) part.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = form.dataset.asking;
    try {
      form.elements.credential.value = JSON.stringify((await ask(form)).toJSON());
      form.submit();
    } catch (wrong) {
      said.textContent = wrong instanceof DOMException ? form.dataset[wrong.name === "InvalidStateError" ? "known" : "ended"] : wrong.message;
      button.disabled = false;
    }
  });
}
