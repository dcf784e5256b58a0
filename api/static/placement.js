// Countdowns, and protection against submitting a form twice and against leaving what was typed. All pages work without this script.
"use strict";

/** The time of the service: in a practice room its clock is ahead. */
const shownAt = () => Date.now() + Number(document.body.dataset.ahead ?? 0) * 1000;

function left(element) {
  const minutes = Math.trunc((new Date(element.dateTime) - shownAt()) / 60000);
  const [size, unit] = Math.abs(minutes) < 120 ? [1, "minute"] : [60, "hour"];
  const written = new Intl.RelativeTimeFormat(document.documentElement.lang);
  element.title = element.textContent;
  element.dataset.left = written.format(Math.trunc(minutes / size), unit);
}

function lasts(element) {
  const minutes = Math.max(Math.floor((shownAt() - new Date(element.dateTime)) / 60000), 0);
  const [size, unit] = minutes < 60 ? [1, "minute"] : minutes < 1440 ? [60, "hour"] : [1440, "day"];
  const written = { style: "unit", unit, unitDisplay: "long" };
  element.textContent = new Intl.NumberFormat(document.documentElement.lang, written).format(Math.floor(minutes / size));
}

function tick() {
  document.querySelectorAll("time.clock").forEach(left);
  document.querySelectorAll("time.lasts").forEach(lasts);
}

tick();
setInterval(tick, 30000);
document.addEventListener("htmx:afterSettle", tick);

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  const typing = event.target.closest("input, textarea, select");
  if (localStorage.getItem("single-keys") === "no") return;
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || !search?.checkVisibility()) return;
  event.preventDefault();
  search.focus();
});

// How many are chosen is told, and all can be chosen at once; the style sheet counts without this.
document.querySelectorAll("form.several").forEach((form) => {
  const boxes = [...form.elements].filter((one) => one.name === "chosen");
  const [all, said] = [form.querySelector("[data-all]"), form.querySelector("[role=status]")];
  const tell = () => {
    const number = boxes.filter((box) => box.checked).length;
    said.textContent = said.dataset.words.replace("{number}", number);
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && !all.checked;
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => (boxes.forEach((box) => (box.checked = all.checked)), tell()));
  boxes.forEach((box) => box.addEventListener("change", tell));
  tell();
});

function differs(field) {
  if (field.matches("select")) return field.selectedIndex !== Math.max([...field.options].findIndex((option) => option.defaultSelected), 0);
  return field.matches("input:not([type=hidden]), textarea") && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

// What was typed and not sent is lost only after a question of the browser: by a link, by the button of the language, by
// another form. A form with `data-leaves` has nothing to keep; a draft is saved by section (form.js).
const saved = (form) => form.querySelector("[hx-post]") && (form.elements.registration ?? form.elements.enquiry) && !form.querySelector("[data-unsaved]");
const unsent = (form) => !form.dataset.sent && (form.querySelector("[aria-invalid]") || (!saved(form) && [...form.elements].some(differs)));
const isTyped = () => [...document.querySelectorAll("main form[method=post]:not([data-leaves])")].some(unsent);
window.addEventListener("beforeunload", (event) => {
  if (!isTyped()) return;
  event.preventDefault();
  setTimeout(sendable); // where the user stays
});

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
const sendable = () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
window.addEventListener("pageshow", sendable);
