// Takes a page off the screen once its session is over, by whatever ended it, and warns before it ends by time. What was
// typed is kept out of sight until the same account is signed in again. Without this script a page stays until it is left.
"use strict";

(() => {
  const page = document.body;
  const others = new BroadcastChannel("session"); // the pages of this browser
  if (!("left" in page.dataset)) return others.postMessage("look"); // a page before signing in, or after signing out

  const LOOKS = 60000; // an account may be disabled at any time
  const WAITS = 10000; // for an answer
  const WARNS = Math.min(120000, page.dataset.left * 500);
  const warning = document.getElementById("ending");
  const failed = warning.querySelector("[role=alert]");
  const { account } = page.dataset;
  let ends = Date.now() + page.dataset.left * 1000;
  let warned = false;
  let last = false; // no session is longer
  let timer = 0;
  let held = null; // the title and the focus of a page that is off the screen with what was typed

  function ask(path) {
    const patience = new AbortController();
    setTimeout(() => patience.abort(), WAITS);
    return fetch(path, { redirect: "manual", cache: "no-store", signal: patience.signal }).catch(() => null);
  }

  // Whether the session goes on; without an answer, as far as was known before. Asking does not prolong it.
  async function look() {
    const answer = await ask("/session");
    const found = answer?.ok ? await answer.json().catch(() => null) : null;
    if (found) ends = Date.now() + found.left * 1000;
    const on = found ? found.account === account : answer?.type !== "opaqueredirect" && Date.now() < ends;
    if (!on) leave();
    else if (!held || found) stay(found);
    return on;
  }

  function stay(found) {
    if (held) bring(found.csrf_token);
    const left = ends - Date.now();
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(1000, left > WARNS ? Math.min(LOOKS, left - WARNS) : Math.min(LOOKS, left)));
    if (left > WARNS) warning.close();
    else if (!warned) {
      last = found !== null && found.left === found.most;
      warn();
    }
    warned = left <= WARNS;
  }

  function warn() {
    failed.hidden = true;
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: "Europe/Amsterdam" });
    for (const part of warning.querySelectorAll("[data-idle]")) {
      part.textContent = (last ? part.dataset.last : part.dataset.idle).replace("{time}", time.format(ends));
    }
    warning.showModal();
  }

  function leave() {
    clearTimeout(timer);
    if (held) return;
    if (!isTyped() && !document.querySelector("main form[data-kept]")) {
      page.replaceChildren(); // the way there may be slow, or be stopped
      return location.replace(`/sign-in?${new URLSearchParams({ ended: "1", to: location.pathname + location.search })}`);
    }
    warning.close(); // which gives the focus back
    held = { title: document.title, focused: document.activeElement };
    const instead = document.createElement("body");
    instead.append(document.getElementById("ended").content.cloneNode(true));
    document.title = instead.querySelector("h1").textContent;
    listens("htmx:beforeCleanupElement"); // no more: what is told of the session that is over is not for the next one
    page.replaceWith(instead);
    instead.querySelector("main").focus();
  }

  function listens(event) {
    for (const part of page.querySelectorAll("[sse-connect]")) htmx.trigger(part, event);
  }

  function bring(token) {
    document.body.replaceWith(page);
    for (const field of page.querySelectorAll("[name=csrf_token]")) field.value = token;
    listens("htmx:afterProcessNode"); // again
    document.title = held.title;
    held.focused.focus();
    held = null;
  }

  async function goOn(event) {
    event.preventDefault(); // the warning stays until there is an answer
    const used = (await ask("/api/v1/session"))?.ok; // a use of the session
    if (used || last) warning.close();
    if ((await look()) && !used && !last) {
      if (!warning.open) warning.showModal(); // a browser may close it all the same
      failed.hidden = false;
    }
    others.postMessage("look");
  }

  warning.querySelector("button").addEventListener("click", goOn);
  warning.addEventListener("cancel", goOn);
  warning.addEventListener("keydown", (event) => event.key === "Escape" && goOn(event)); // twice, it would close unasked
  others.addEventListener("message", ({ data }) => data !== account && look());
  others.postMessage(account); // the pages of another one look
  document.addEventListener("visibilitychange", () => document.hidden || look());
  window.addEventListener("pageshow", (event) => event.persisted && look());
  for (const back of ["focus", "online"]) window.addEventListener(back, () => held && look());
  window.addEventListener("beforeunload", (event) => { if (held) event.preventDefault(); });
  // The live updates end with the session; or with the right to them, and then the page is another one.
  document.addEventListener("htmx:sseClose", async (event) => {
    if (event.detail.type === "message" && (await look())) location.reload();
  });
  stay(null);
})();
