// Keeps a page up to date while it is looked at. Without it each page works, and loads itself again each minute.
(() => {
  "use strict";
  for (const range of document.querySelectorAll("input[type=range][data-says]")) {
    const says = range.dataset.says.split("|");
    range.addEventListener("input", () => { range.form.querySelector("output").textContent = says[range.value]; });
  }
  const main = document.querySelector("main[data-live]");
  const stale = document.getElementById("stale");
  if (!main || !("EventSource" in window)) return;
  const PATIENCE = 40_000; // milliseconds without a word: the stream gives one each 15 seconds
  let heard = Date.now();
  let busy = false;
  let again = false;

  const isUsed = (part) =>
    part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");

  const take = (page) => {
    for (const part of main.querySelectorAll("[data-part]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || isUsed(part) || part.innerHTML === fresh.innerHTML) continue;
      for (const open of part.querySelectorAll("details[open]")) {
        const twin = open.id && fresh.querySelector(`#${open.id}`);
        if (twin) twin.open = true;
      }
      const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.replaceWith(document.adoptNode(fresh));
      const link = focused && [...fresh.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused);
      if (link) link.focus();
    }
    document.title = page.title;
  };

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const address = new URL(location.href);
      address.searchParams.delete("done");
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.redirected && new URL(answer.url).pathname === "/sign-in") { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      heard = Date.now();
    } catch {
      heard = 0; // what is shown may be old: say so
    } finally {
      busy = false;
    }
    if (again) { again = false; refresh(); }
  };

  const stream = new EventSource(main.dataset.live);
  stream.addEventListener("alive", () => { heard = Math.max(heard, Date.now()); });
  stream.addEventListener("changed", refresh);
  setInterval(refresh, 60_000); // what changes by the clock alone
  setInterval(() => { stale.hidden = Date.now() - heard < PATIENCE; }, 1_000);
})();
