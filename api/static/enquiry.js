// The help desk by keys: a letter ticks a choice of the list with the focus, and a key presses the button that shows it. All
// pages work without this script.
"use strict";

(() => {
  const lists = [...document.querySelectorAll("fieldset[data-letters]")];

  for (const list of lists) {
    const boxes = [...list.querySelectorAll("[data-letter]")];
    const come = (box) => boxes.forEach((one) => (one.tabIndex = one === box ? 0 : -1)); // Tab goes to the next field
    come(boxes[0]);
    list.addEventListener("focusin", (event) => boxes.includes(event.target) && come(event.target));
    list.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      const chosen = boxes.find((box) => box.dataset.letter === event.key.toLowerCase());
      if (step) boxes[(boxes.indexOf(event.target) + step + boxes.length) % boxes.length].focus();
      else if (chosen) chosen.click();
      else return;
      event.preventDefault();
      event.stopPropagation(); // a letter is no shortcut of the page here
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    const key = event.ctrlKey ? `Control+${event.key}` : event.key;
    const found = document.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
    if (!found) return;
    event.preventDefault();
    if (found.matches("button")) found.click();
    else found.focus();
  });

  const call = document.getElementById("filling");
  if (call && !document.querySelector(".wrong")) call.elements.asker.focus();

  // Results come while a person types; Enter goes to the first of them, and leaves no call behind.
  document.querySelector("form.finds")?.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      document.querySelector("#found summary")?.focus();
    },
    true,
  );
})();
