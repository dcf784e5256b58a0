// The grid of an event: Enter goes to the next row, a pasted block fills cells, and a row is stored when it is left, or
// after a pause in typing.
"use strict";

(() => {
  const form = document.getElementById("grid");
  if (!form) return;
  const body = form.querySelector("tbody");
  const said = form.querySelector("[data-saved]");
  const cells = (row) => [...row.querySelectorAll("[data-cell]")];
  const hidden = (row, name) => row.querySelector(`[name$=".${name}"]`);
  const PAUSE_MS = 3000;
  let queue = Promise.resolve();
  let pause;

  function nextRow(row) {
    if (row.nextElementSibling) return row.nextElementSibling;
    const made = row.cloneNode(true);
    const number = body.rows.length;
    made.dataset.row = "";
    delete made.dataset.changed;
    for (const one of made.querySelectorAll(".fault")) one.remove();
    for (const one of made.querySelectorAll("input")) {
      one.name = one.name.replace(/\.\d+\./, `.${number}.`);
      one.value = "";
      one.removeAttribute("aria-invalid");
      one.removeAttribute("aria-describedby");
      one.setAttribute("aria-label", (one.getAttribute("aria-label") || "").replace(/\d+$/, number + 1));
    }
    body.append(made);
    return made;
  }

  function fill(at, text) {
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
    let row = at.closest("tr");
    const first = cells(row).indexOf(at);
    for (const line of lines) {
      line.split("\t").forEach((value, step) => {
        const cell = cells(row)[first + step];
        if (cell) cell.value = value.trim();
      });
      row.dataset.changed = "yes";
      store(row);
      row = nextRow(row);
    }
    cells(row)[first].focus();
  }

  // The answer is the page with the marks of the row; the row keeps its place, and what is typed meanwhile stays.
  function take(row, page, sent) {
    const known = new Set([...body.querySelectorAll("[data-row]")].map((one) => one.dataset.row));
    const rows = [...page.querySelectorAll("#grid [data-row]")].filter((one) => one.dataset.row);
    const same = (one) => cells(one).every((cell, at) => cell.value.replace(/\s+/g, " ") === sent[at].replace(/\s+/g, " ").trim());
    const found = rows.find((one) => one.dataset.row === row.dataset.row) ?? rows.find((one) => !known.has(one.dataset.row) && same(one));
    if (!found) return;
    row.dataset.row = found.dataset.row;
    for (const name of ["id", "version"]) hidden(row, name).value = hidden(found, name).value;
    cells(found).forEach((cell, at) => {
      const own = cells(row)[at];
      own.parentElement.querySelector(".fault")?.remove();
      own.parentElement.className = cell.parentElement.className;
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (cell.hasAttribute(name)) own.setAttribute(name, cell.getAttribute(name));
        else own.removeAttribute(name);
      }
      const fault = cell.parentElement.querySelector(".fault");
      if (fault) own.after(fault);
    });
  }

  function store(row) {
    queue = queue.then(async () => {
      if (!row.dataset.changed) return;
      delete row.dataset.changed;
      const sent = cells(row).map((cell) => cell.value);
      if (!row.dataset.row && sent.every((one) => !one.trim())) return;
      const data = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, idempotency_key: crypto.randomUUID(), then: "save" });
      for (const one of row.querySelectorAll("input")) data.append(one.name, one.value);
      try {
        const answer = await fetch(form.action, { method: "POST", body: data });
        if (!answer.ok) throw new Error(answer.statusText);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!page.getElementById("grid")) throw new Error("another page"); // such as the sign-in, after a session
        take(row, page, sent);
        said.textContent = page.querySelector("main [role=alert]")?.textContent ?? said.dataset.saved;
      } catch {
        row.dataset.changed = "yes";
        said.textContent = said.dataset.lost;
      }
    });
  }

  form.addEventListener("input", (event) => {
    const row = event.target.closest("tr");
    if (!row) return;
    row.dataset.changed = "yes";
    clearTimeout(pause);
    pause = setTimeout(() => store(row), PAUSE_MS);
  });
  form.addEventListener("focusout", (event) => {
    const row = event.target.closest("tr");
    if (row && !row.contains(event.relatedTarget)) store(row);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.dataset.cell || event.isComposing) return;
    event.preventDefault();
    cells(nextRow(event.target.closest("tr")))[0].focus();
  });
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!event.target.dataset.cell || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    if (/\t/.test(text.split("\n")[0]) && cells(event.target.closest("tr"))[0] === event.target) {
      const area = form.elements.pasted;
      area.value = text;
      area.closest("details").open = true;
      form.querySelector("[name=then]").focus();
      return;
    }
    fill(event.target, text);
  });
  // The buttons wait for the rows that are on their way; a stored row is not sent as a new row again.
  let ready = false;
  form.addEventListener("submit", (event) => {
    if (ready) return;
    event.preventDefault();
    event.stopPropagation(); // the form counts as sent only when it is sent
    const button = event.submitter;
    const send = () => {
      ready = true;
      form.requestSubmit(button);
    };
    queue.then(() => setTimeout(send)); // a browser ignores a form that is sent during this event
  });
  window.addEventListener("pageshow", () => (ready = false));
})();
