// Clocks that run down, and a form that is not sent twice. Everything works without this.
"use strict";

function left(element) {
  const minutes = Math.round((new Date(element.dateTime) - Date.now()) / 60000);
  const hours = Math.floor(Math.max(minutes, 0) / 60);
  element.title = element.textContent;
  element.dataset.left = `${hours}:${String(Math.max(minutes, 0) % 60).padStart(2, "0")}`;
}

function ago(element) {
  const minutes = Math.round((new Date(element.dateTime) - Date.now()) / 60000);
  const [size, unit] = Math.abs(minutes) < 60 ? [1, "minute"] : Math.abs(minutes) < 1440 ? [60, "hour"] : [1440, "day"];
  element.textContent = new Intl.RelativeTimeFormat(document.documentElement.lang).format(Math.trunc(minutes / size), unit);
}

function tick() {
  document.querySelectorAll("time.clock").forEach(left);
  document.querySelectorAll("time.ago").forEach(ago);
}

tick();
setInterval(tick, 30000);
document.addEventListener("htmx:afterSettle", tick);

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
