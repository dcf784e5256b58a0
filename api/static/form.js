// A form that is saved by section: shows errors at their fields, and delays submission until all sections are saved.
"use strict";

(() => {
  const form = document.getElementById("filling");
  let marked = null;

  function mark(section) {
    const faults = JSON.parse(document.getElementById("saved").dataset.faults || "{}");
    for (const field of form.querySelectorAll("input, select")) {
      if (!section.contains(field) && !(field.name in faults)) continue;
      const id = `${field.name}-fault`;
      document.getElementById(id)?.remove();
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      if (!(field.name in faults)) continue;
      const said = Object.assign(document.createElement("p"), { id, className: "fault", textContent: faults[field.name] });
      field.before(said);
      for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", id);
    }
    // It is true until nothing is marked any more, also where another section was saved meanwhile.
    const said = document.querySelector("#saved [data-marked]");
    marked = said?.cloneNode(true) ?? marked;
    if (!said && marked && form.querySelector("[aria-invalid]")) document.querySelector("#saved [role=status]").append(" ", marked.cloneNode(true));
  }

  let saving = 0;
  let waiting = null;
  let sent = false;

  // The whole form has been submitted; a section saved now would use the same idempotency key, so it is cancelled.
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (sent) return event.preventDefault();
    saving += 1;
    event.target.dataset.unsaved = "sent";
  });
  // What is typed while its section is on its way is saved by the next request alone.
  form.addEventListener("input", (event) => (event.target.closest("section").dataset.unsaved = "yes"));
  form.addEventListener("htmx:afterRequest", (event) => {
    saving -= 1;
    if (event.detail.successful && event.target.dataset.unsaved === "sent") delete event.target.dataset.unsaved;
    if (event.detail.successful) setTimeout(() => mark(event.target));
    if (!saving && waiting) form.requestSubmit(waiting.button);
  });

  form.addEventListener(
    "submit",
    (event) => {
      sent = !saving;
      if (sent) return;
      event.preventDefault();
      event.stopPropagation();
      waiting = { button: event.submitter };
    },
    true,
  );
  window.addEventListener("pageshow", () => (sent = false));
})();
