// Niceties only: every page works without this file.
"use strict";

// A key presses the link that names it: 1-4 tabs, d p b width, t colours, r reload.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
});

// A list of mails asks every two seconds whether there is a newer one than it shows.
const list = document.querySelector("[data-newest]");
if (list) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch("/api/newest").catch(() => null);
    if (answer && answer.ok && String((await answer.json()).newest) !== list.dataset.newest) location.reload();
  }, 2000);
}
