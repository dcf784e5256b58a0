// Rooms and proposals: steppers for numbers, a form that waits for a connection, an address that is hidden again, a
// hint for slow requests. All pages work without this script.
"use strict";

function step(input, by, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second step";
  button.textContent = by > 0 ? "+" : "−";
  button.setAttribute("aria-label", `${input.labels[0].textContent}: ${words}`);
  button.addEventListener("click", () => {
    const wanted = (Number(input.value) || 0) + by;
    input.value = Math.min(Number(input.max), Math.max(Number(input.min), wanted));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}

document.querySelectorAll("input[data-stepper]").forEach((input) => {
  const row = document.createElement("div");
  const [less, more] = [step(input, -1, input.dataset.less), step(input, 1, input.dataset.more)];
  row.className = "stepper";
  input.replaceWith(row);
  row.append(less, input, more);
  if (input.autofocus) input.focus(); // it lost that by the move
});

// One button of the bar: all is as shown, or send so many changed rooms. Without this script both stand there.
function bar(form) {
  const [same, send] = ["[data-unchanged]", "button[data-changed]"].map((one) => form.querySelector(one));
  if (!send) return;
  const plain = send.dataset.plain;
  const was = JSON.parse(form.dataset.was || "{}"); // what is stored, if the form shows what was typed and refused
  const changes = (field) => (field.name in was ? !field.matches("[type=hidden]") && field.value !== was[field.name] : differs(field));
  function count() {
    const rooms = [...form.querySelectorAll("fieldset")];
    const changed = rooms.filter((room) => [...room.elements].some((field) => field.name && changes(field)));
    rooms.forEach((room) => room.closest(".tile").toggleAttribute("data-changed", changed.includes(room)));
    if (same) [same.hidden, send.hidden] = [changed.length > 0, changed.length === 0];
    send.classList.toggle("second", !changed.length);
    send.textContent = !changed.length ? plain : changed.length === 1 ? send.dataset.one : send.dataset.other.replace("{number}", changed.length);
  }
  form.addEventListener("input", count);
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count);
}

document.querySelectorAll("form#rooms").forEach(bar);

// The browser sends the form, with its idempotency key, so that a repetition is harmless. Before that a liveness check:
// without a connection the browser would replace the page, and the typed values, by its own error page.
async function isThere() {
  try {
    return (await fetch("/health/live", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

function waiting(form) {
  const said = document.getElementById(form.dataset.waits);
  let asked = null, by = null;
  async function send() {
    const there = await isThere();
    said.hidden = there;
    if (!there || !asked) return;
    clearInterval(asked);
    asked = null;
    form.dataset.there = "yes";
    form.requestSubmit(by);
  }
  form.addEventListener("submit", (event) => {
    if (form.dataset.there) return;
    event.preventDefault();
    event.stopPropagation();
    by = event.submitter;
    clearInterval(asked);
    asked = setInterval(send, 10000);
    send();
  });
  window.addEventListener("online", () => { if (asked) send(); });
}

document.querySelectorAll("form[data-waits]").forEach(waiting);
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-there]").forEach((form) => delete form.dataset.there));

// Address disclosure: hides the address after some seconds.
document.querySelectorAll("[data-gone-after]").forEach((element) => {
  setTimeout(() => { element.textContent = element.dataset.gone; }, Number(element.dataset.goneAfter) * 1000);
});

// Shows a status message if a request takes longer than two seconds.
document.querySelectorAll("form[data-busy]").forEach((form) => {
  const said = document.createElement("p");
  said.className = "hint";
  said.setAttribute("role", "status");
  form.append(said);
  form.addEventListener("submit", () => {
    form.setAttribute("aria-busy", "true");
    setTimeout(() => { said.textContent = form.dataset.busy; }, 2000);
  });
});
