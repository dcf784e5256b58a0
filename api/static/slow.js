// Shows a waiting message if the answer to a form takes longer than two seconds.
"use strict";

document.querySelectorAll("form[data-slow]").forEach((form) => {
  const note = form.querySelector("[data-waiting]");
  if (!note) return;
  form.addEventListener("submit", () => setTimeout(() => { note.hidden = false; }, 2000));
  window.addEventListener("pageshow", () => { note.hidden = true; });
});
