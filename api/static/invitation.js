// Invitation and sign-in: moves the token from the URL fragment to its field, shows password advice, continues pages.
"use strict";

const token = document.querySelector("#token-form [name=token]");
if (token && location.hash.length > 1) {
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  token.form.requestSubmit();
}

const back = document.getElementById("return-form");
if (back) {
  history.replaceState(null, "", location.pathname);
  back.requestSubmit();
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

const password = document.querySelector("[data-advice]");
if (password) {
  const advice = document.getElementById("advice");
  let waiting;
  const ask = async () => {
    const typed = password.value;
    const answer = await fetch(password.dataset.advice, { method: "POST", body: new URLSearchParams(new FormData(password.form)) });
    if (typed === password.value) advice.textContent = answer.ok ? (await answer.text()) || advice.dataset.good : "";
  };
  password.addEventListener("input", () => {
    clearTimeout(waiting);
    if (password.value) waiting = setTimeout(ask, 400);
    else advice.textContent = "";
  });
}
