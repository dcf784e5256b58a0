// A form whose answer takes a while says so after two seconds.
"use strict";

document.querySelectorAll("form[data-slow]").forEach((form) => {
  const note = form.querySelector("[data-waiting]");
  if (!note) return;
  form.addEventListener("submit", () => setTimeout(() => { note.hidden = false; }, 2000));
  window.addEventListener("pageshow", () => { note.hidden = true; });
});
