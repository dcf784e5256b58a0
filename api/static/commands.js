// The command menu (Ctrl-K) and the sheet of shortcuts (?). Enter follows a link, opens a form, and does an act that can be
// taken back (by what the service declares of it). Any other act is asked about first. All pages work without this script.
"use strict";

(() => {
  const menu = document.getElementById("commands");
  const sheet = document.getElementById("shortcuts");
  if (!menu?.showModal) return;
  const field = menu.querySelector("input");
  const list = menu.querySelector("[role=listbox]");
  const none = menu.querySelector("[role=status]");
  const search = document.querySelector("[data-search]");
  const single = sheet.querySelector("input");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const atOnce = menu.dataset.atOnce.split(" ").map((path) => new RegExp(`^${path.replaceAll("*", "[^/]+")}$`));
  const sides = { j: ".between [rel=next]", k: ".between [rel=prev]" };
  let found = [];
  let at = 0;

  // What the page has for this person: its decision, its other acts, then the other pages, then the sections of this one.
  function offered() {
    const first = [...document.querySelectorAll("main .decide button")];
    const here = [...document.querySelectorAll("main :is(.acts, .head, .do, .decide, .card) a, main a.do, main button:not([type=button]), main summary.button")];
    const pages = [...document.querySelectorAll("#menu nav a")];
    const parts = [...document.querySelectorAll("main h2")];
    const seen = new Set();
    return [...[...first, ...here].filter((one) => one.checkVisibility()), ...pages, ...parts.filter((one) => one.checkVisibility())]
      .map((element) => ({ element, text: words(element) }))
      .filter(({ text }) => text && !seen.has(text) && seen.add(text));
  }

  const fields = (form) => [...form.elements].filter((one) => one.type !== "hidden" && one.matches("input, select, textarea") && one.checkVisibility());
  const isRead = (form) => (form.getAttribute("method") ?? "get") === "get";
  const isSafe = (button) => {
    const action = button.getAttribute("formaction") ?? button.form.getAttribute("action") ?? "";
    return isRead(button.form) || atOnce.some((path) => path.test(new URL(action, location.href).pathname));
  };

  // What a form still needs: its first required field that is empty, or its button. Without required fields: its first field.
  function next(button) {
    const needed = fields(button.form).filter((one) => one.required || one.ariaRequired === "true");
    const filled = new FormData(button.form);
    return needed.find((one) => !filled.get(one.name)) ?? (needed.length ? button : fields(button.form)[0]);
  }

  // What Enter does with an element: a link or a safe act at once, a form with what it needs next, another act after a question.
  function act({ element, text }) {
    if (element.matches("summary")) {
      element.parentElement.open = true;
      return bring(element.parentElement.querySelector("input:not([type=hidden]), select, textarea, button") ?? element);
    }
    if (!element.matches("button") || !element.form) return bring(element);
    if (isSafe(element) && (isRead(element.form) || !fields(element.form).length)) return element.click();
    if (fields(element.form).length) return bring(element.matches(".decide button") ? element : next(element));
    ask(element, text);
  }

  function ask(element, text) {
    menu.showModal();
    field.value = "";
    found = [{ element, text: menu.dataset.look, act: bring }, { element, text: `${menu.dataset.do}: ${text}`, act: (one) => one.click() }];
    draw(`${menu.dataset.ask}: ${text}`);
  }

  function bring(element) {
    if (element.matches("a")) return element.click();
    if (!element.matches("button, input, select, textarea, summary")) element.tabIndex = -1;
    element.scrollIntoView({ block: "center" });
    element.focus();
  }

  function choose(command) {
    menu.close();
    if (command.act) return command.act(command.element);
    if (command.element) return act(command);
    search.value = field.value;
    search.form.requestSubmit();
  }

  function mark() {
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    const now = list.children[at];
    if (now) field.setAttribute("aria-activedescendant", now.id);
    else field.removeAttribute("aria-activedescendant");
    now?.scrollIntoView({ block: "nearest" });
  }

  function show() {
    const typed = plain(field.value).split(/\s+/).filter(Boolean);
    found = offered().filter(({ text }) => typed.every((word) => plain(text).includes(word)));
    if (typed.length && search) found.push({ text: `${menu.dataset.find}: ${field.value.trim()}` });
    draw(found.length ? "" : none.dataset.none);
  }

  function draw(status) {
    list.replaceChildren(...found.map(({ text, element }, number) => {
      const option = Object.assign(document.createElement("li"), { id: `command-${number}`, role: "option", textContent: text });
      if (element?.matches("#menu a")) option.className = "quiet";
      option.addEventListener("click", () => choose(found[number]));
      return option;
    }));
    at = 0;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(found.length > 0));
    none.textContent = status;
    mark();
  }

  function open(dialog) {
    if (!dialog.isConnected || document.getElementById("ending")?.open) return; // off the screen, or about to be (session.js)
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    dialog.showModal();
    if (dialog !== menu) return;
    field.value = "";
    show();
  }

  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) at = (at + step + found.length) % found.length;
    else if (event.key === "Enter" && found[at]) choose(found[at]);
    else return;
    event.preventDefault();
    mark();
  });

  single.checked = localStorage.getItem("single-keys") !== "no";
  single.addEventListener("change", () => localStorage.setItem("single-keys", single.checked ? "yes" : "no"));

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) open(menu);
    else if (sides[event.key] && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && single.checked && !document.querySelector("dialog[open]")) document.querySelector(sides[event.key])?.click();
    else if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey && single.checked) open(sheet);
    else return;
    event.preventDefault();
  });
  for (const dialog of [menu, sheet]) {
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  document.querySelectorAll("[data-opens]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => open(document.getElementById(button.dataset.opens)));
  });
})();
