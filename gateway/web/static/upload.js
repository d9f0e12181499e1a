// Uploads a package in slices and goes on after an interruption; without it the form sends the whole file at once.
"use strict";
(() => {
  const form = document.getElementById("upload");
  if (!form) return;
  const SLICE = 8 * 1024 * 1024;
  const said = document.getElementById("upload-said");
  const bar = document.getElementById("upload-bar");
  const cancel = document.getElementById("upload-cancel");
  const go = form.querySelector("button.main");
  let under = null;
  let request = null;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const readable = (count) => {
    const units = ["B", "KB", "MB", "GB"];
    let size = count, unit = 0;
    while (size >= 1000 && unit < 3) { size /= 1000; unit += 1; }
    return (unit && size < 100 ? size.toFixed(1) : size.toFixed(0)) + " " + units[unit];
  };

  function send(method, path, { json, body, headers = {}, progress } = {}) {
    return new Promise((resolve, reject) => {
      request = new XMLHttpRequest();
      request.open(method, "/api/v1/packages" + path);
      for (const name of Object.keys(headers)) request.setRequestHeader(name, headers[name]);
      if (json) request.setRequestHeader("Content-Type", "application/json");
      if (progress) request.upload.onprogress = progress;
      request.onload = (event) => {
        const one = event.target;
        let answer = null;
        try { answer = JSON.parse(one.responseText); } catch { answer = null; }
        resolve({ status: one.status, answer: answer?.detail || answer, offset: one.getResponseHeader("Upload-Offset") });
      };
      request.onerror = () => reject(new Error("connection"));
      request.onabort = () => reject(new Error("abort"));
      request.send(json ? JSON.stringify(json) : body);
    });
  }

  function show(job, at) {
    const seconds = Math.max(0.5, (Date.now() - job.since) / 1000);
    const percent = Math.floor(at * 100 / job.file.size);
    bar.value = percent;
    said.textContent = fill(form.dataset.progress, { percent, speed: readable(Math.max(0, at - job.start) / seconds) });
  }

  const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const refused = (done) => Object.assign(new Error("refused"), { says: done.answer?.says });

  async function pause(job) {
    job.tries += 1;
    for (let seconds = Math.min(2 ** (job.tries - 1), 15); seconds > 0 && !job.stopped; seconds -= 1) {
      said.textContent = fill(form.dataset.waiting, { seconds });
      await wait(1);
    }
  }

  // Returns where the upload stands after one slice; -1 where that has to be asked for.
  async function slice(job, at) {
    const body = job.file.slice(at, at + SLICE);
    const progress = (event) => show(job, at + event.loaded);
    const headers = { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
    const done = await send("PATCH", "/" + job.id + "/upload", { body, headers, progress });
    if (done.status === 204 || done.status === 409 && done.offset !== null) return Number(done.offset);
    if (done.status === 423 || done.status === 408 || done.status >= 500 && done.status !== 507) return -1;
    throw refused(done);
  }

  async function asked(job) {
    const done = await send("GET", "/" + job.id + "/upload");
    if (done.status === 200) return Number(done.offset);
    if (done.status >= 500) return -1;
    throw refused(done);
  }

  async function all(job) {
    let at = job.start;
    while (at < job.file.size && !job.stopped) {
      const before = at;
      try {
        at = at < 0 ? await asked(job) : await slice(job, at);
      } catch (error) {
        if (error.message !== "connection") throw error;
        at = -1;
      }
      if (at < 0) await pause(job);
      else if (before >= 0 && at > before) job.tries = 0;
      if (at >= 0) show(job, at);
    }
  }

  async function finish(job) {
    cancel.hidden = true;
    for (;;) {
      said.textContent = form.dataset.checking;
      bar.removeAttribute("value");
      const done = await send("POST", "/" + job.id + "/finish", { json: { sha256: "" } }).catch(() => ({ status: 503 }));
      if (done.status === 200) return;
      if (![202, 423, 502, 503, 504].includes(done.status)) throw refused(done);
      await wait(1);
    }
  }

  function wish(file) {
    const given = new FormData(form);
    const text = (name) => String(given.get(name) || "");
    const notes = { zh: text("notes_zh"), en: text("notes_en") };
    const about = { product: text("product"), applies: text("applies"), notes, intranet: given.has("intranet") };
    return { name: text("name"), version: text("version"), file: file.name, size: file.size, ...about };
  }

  function busy(job) {
    under = job;
    go.disabled = job !== null;
    cancel.hidden = job === null;
    document.getElementById("upload-state").hidden = false;
  }

  const gone = (job) => send("DELETE", "/" + job.id + "/upload").catch(() => null);

  async function upload(job) {
    const begun = await send("POST", "", { json: wish(job.file) });
    if (begun.status >= 300) throw refused(begun);
    job.id = begun.answer.package.id;
    job.start = begun.answer.offset;
    job.since = Date.now();
    if (job.stopped) return gone(job);
    await all(job);
    if (!job.stopped) await finish(job);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (!file || under) return;
    const job = { file, id: "", start: 0, since: 0, tries: 0, stopped: false };
    busy(job);
    try {
      await upload(job);
      busy(null);
      if (!job.stopped) location.assign("/packages/" + job.id + "?said=ready");
    } catch (error) {
      busy(null);
      bar.value = 0;
      if (!job.stopped) said.textContent = error.says || form.dataset.failed;
    }
  });

  cancel.addEventListener("click", async () => {
    const job = under;
    if (!job) return;
    job.stopped = true;
    bar.value = 0;
    if (job.id) {  // before that the answer to the beginning is awaited, since only it names what is to go
      request?.abort();
      await gone(job);
    }
    said.textContent = form.dataset.cancelled;
  });
  window.addEventListener("beforeunload", (event) => { if (under) event.preventDefault(); });
})();
