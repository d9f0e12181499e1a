// Refreshes the marked parts of a page in place; every page works without it.
(() => {
  const every = Number(document.body.dataset.every || 2000);
  const live = document.getElementById("live");
  let heard = "";
  let under = false;

  function put(fresh) {
    for (const old of document.querySelectorAll("[data-live][id]")) {
      const now = fresh.getElementById(old.id);
      if (!now || now.innerHTML === old.innerHTML) continue;
      const held = document.activeElement;
      const id = old.contains(held) ? held.id : "";
      const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
      const end = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
      old.innerHTML = now.innerHTML;
      for (const one of open) document.getElementById(one)?.setAttribute("open", "");
      if (id) document.getElementById(id)?.focus({ preventScroll: true });
      if (end) old.scrollTop = old.scrollHeight;
    }
    const words = fresh.querySelector("[data-announce]")?.dataset.announce || "";
    if (heard && words !== heard) document.getElementById("announce").textContent = words;
    heard = words;
  }

  function say(word, stale) {
    live.hidden = false;
    live.classList.toggle("over", stale);
    if (live.textContent !== word) live.textContent = word;
  }

  async function refresh() {
    if (document.hidden || under || !document.querySelector("[data-live]")) return;
    under = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-refresh": "yes" } });
      if (!answer.ok) throw new Error(answer.status);
      put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      say("● " + live.dataset.liveWord, false);
      live.dataset.at = new Date().toLocaleTimeString();
    } catch {
      say("✕ " + live.dataset.staleWord + " " + (live.dataset.at || ""), true);
    }
    under = false;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.closest("[data-quiet]")) return;
    event.preventDefault();
    const sent = new URLSearchParams(new FormData(form, event.submitter));
    const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
    if (answer?.ok) form.reset();
    await refresh();
  });
  if (document.querySelector("[data-live]")) say("● " + live.dataset.liveWord, false);
  for (const one of document.querySelectorAll(".texts")) one.scrollTop = one.scrollHeight;
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, every);
})();
