// Updates only the changed parts of an open page: focus and open details are kept, and a form with typed values is not
// replaced. An htmx swap style, `merge`; without a script the page has to be reloaded.
"use strict";

(() => {
  const theirs = new Set(["open", "data-left", "data-sent", "title"]); // set by the user or a script

  const typed = (field) =>
    field.matches("select")
      ? [...field.options].some((option) => option.selected !== option.defaultSelected)
      : field.type !== "hidden" && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);
  const inUse = (node) => node.matches("form") && [...node.querySelectorAll("input, select, textarea")].some(typed);

  function merge(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (inUse(old)) return;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !theirs.has(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (!theirs.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    mergeChildren(old, fresh);
  }

  function mergeChildren(old, fresh) {
    const staying = new Set([...fresh.children].map((child) => child.id));
    for (const child of [...old.children]) if (child.id && !staying.has(child.id)) child.remove();
    let next = old.firstChild;
    for (const made of [...fresh.childNodes]) {
      const known = made.id && [...old.children].find((child) => child.id === made.id);
      const alike = next && next.nodeName === made.nodeName && !next.id && !made.id;
      const found = known || (alike ? next : null);
      if (!found) {
        old.insertBefore(made, next);
      } else {
        if (found === next) next = next.nextSibling;
        else old.insertBefore(found, next);
        merge(found, made);
      }
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  }

  const heading = (part) => part.querySelector("h2") ?? document.querySelector("h1"); // a part may be empty
  const words = (part) => (part.querySelector("h2")?.textContent ?? "").replace(/\s+/g, " ").trim();
  const marks = (root) =>
    new Map([...root.querySelectorAll("[data-part]")].map((part) => [part.id, words(part) + [...part.querySelectorAll("li[id]")].map((row) => row.id)]));

  const tell = document.getElementById("tell");
  if (tell && "Notification" in window && Notification.permission === "default") {
    tell.hidden = false;
    tell.addEventListener("click", async () => { // asked once, and only where a user wants it
      await Notification.requestPermission();
      tell.hidden = true;
    });
  }

  function notify() { // no case, person or place: the screen may be seen by others
    const { title, words } = tell.querySelector("button").dataset;
    new Notification(title, { body: words, tag: "task" });
  }

  const rows = () =>
    new Set([
      ...[...document.querySelectorAll("#part-needs li[id^=t-]")].map((row) => row.id), // not a line that folds rows
      ...(document.getElementById("part-needs")?.dataset.tasks ?? "").split(" ").filter(Boolean),
    ]);

  function count(before) {
    const isNew = [...rows()].some((id) => !before.has(id));
    if (isNew && document.hidden && tell && "Notification" in window && Notification.permission === "granted") notify();
    const waits = Number(document.querySelector("#needs .count")?.textContent ?? 0);
    document.title = document.title.replace(/^(\(\d+\) )?/, waits ? `(${waits}) ` : "");
  }

  function bring(target, fragment) {
    if (!fragment.querySelector("[data-part]")) return; // another page, such as the one for signing in
    const focused = document.activeElement;
    const part = focused.closest("[data-part]");
    const before = marks(target);
    const waited = rows();
    mergeChildren(target, fragment);
    htmx.process(target);
    count(waited);
    if (part && !focused.isConnected) {
      const above = heading(part);
      above.tabIndex = -1;
      above.focus({ preventScroll: true });
    } else if (focused !== document.activeElement && focused.isConnected) {
      focused.focus({ preventScroll: true });
    }
    const changed = [...marks(target)].filter(([id, mark]) => before.get(id) !== mark);
    const said = changed.map(([id]) => words(document.getElementById(id))).filter(Boolean).join(". ");
    if (said) document.getElementById("news").textContent = said;
  }

  htmx.defineExtension("merge", {
    isInlineSwap: (style) => style === "merge",
    handleSwap(style, target, fragment) {
      if (style !== "merge") return false;
      bring(target, fragment);
      return [];
    },
  });
})();
