// A bar that is dropped on a room opens the move with this room chosen; Escape leaves the move. Without it the bars are links.
"use strict";

(() => {
  const plan = document.querySelector(".gantt[data-to]");
  let dragged = "";
  const roomOf = (event) => event.target.closest("[data-room]");
  plan.addEventListener("dragstart", (event) => {
    dragged = event.target.dataset.stay || "";
    event.dataTransfer.setData("text/plain", dragged);
    event.dataTransfer.effectAllowed = "move";
  });
  plan.addEventListener("dragover", (event) => {
    if (dragged && roomOf(event)) event.preventDefault();
  });
  plan.addEventListener("drop", (event) => {
    const room = roomOf(event);
    if (!dragged || !room) return;
    event.preventDefault();
    location.assign(`${plan.dataset.to}${encodeURIComponent(dragged)}&to=${encodeURIComponent(room.dataset.room)}`);
  });
  document.addEventListener("keydown", (event) => {
    const leave = document.querySelector("[data-leave]");
    if (event.key === "Escape" && leave && !document.querySelector("dialog[open]")) leave.click();
  });
})();
