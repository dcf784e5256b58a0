// Shows the line of a push, and opens the service when it is pressed. It keeps nothing, and controls no page.
"use strict";

self.addEventListener("push", (event) => {
  const { text, lang } = event.data.json();
  event.waitUntil(self.registration.showNotification(text, { tag: "task", renotify: true, requireInteraction: true, lang }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const open = async () => {
    const [page] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    return page ? page.focus() : self.clients.openWindow("/");
  };
  event.waitUntil(open());
});
