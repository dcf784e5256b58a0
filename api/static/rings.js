// Allows this browser to be woken by push: asks the person, subscribes, and sends the form with what the browser gave.
"use strict";

const form = document.querySelector("form[data-push]");
const said = form.querySelector("[data-said]");
const button = form.querySelector("button");

const bytes = (written) => Uint8Array.from(atob(written.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

const subscription = async () => {
  const registration = await navigator.serviceWorker.register("/static/worker.js");
  const former = await registration.pushManager.getSubscription();
  if (former) await former.unsubscribe(); // it may belong to a former key of the service
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
};

if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  form.querySelector("[data-without]").hidden = true;
  form.querySelector("[data-with]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = form.dataset.asking;
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new DOMException("", "NotAllowedError");
      const { endpoint, keys } = (await subscription()).toJSON();
      Object.assign(form.elements.endpoint, { value: endpoint });
      Object.assign(form.elements.p256dh, { value: keys.p256dh });
      Object.assign(form.elements.auth, { value: keys.auth });
      form.submit();
    } catch (wrong) {
      said.textContent = wrong.name === "NotAllowedError" ? form.dataset.refused : form.dataset.failed;
      button.disabled = false;
    }
  });
}
