/* The interview page: sends the words as they are typed, shows the time the server gave, decides nothing.

   The editor is never replaced. htmx carries the saves (one in flight, the newest queued) and swaps the chip; this file
   says when to save, re-bases revision and clock on every answer, and keeps the words in the page while offline. */
(() => {
  "use strict";
  const form = document.getElementById("interview");
  if (!form) return;
  const byId = (id) => document.getElementById(id);
  const editor = byId("editor");
  const SAVE_AFTER_MS = 800, SAVE_AT_LEAST_EVERY_MS = 10000, REBASE_EVERY_MS = 60000, RETRY_MAX_MS = 15000;
  htmx.config.timeout = 10000;

  /* ---- The words ------------------------------------------------------------------------------------------- */

  const field = (name) => form.elements.namedItem(name);
  const snapshot = () =>
    !editor ? ""
    : [...editor.querySelectorAll("[name=body]")].map((e) => e.value).join("") ||
      [...editor.querySelectorAll("[name=choice]:checked")].map((e) => e.value).join("\n");
  let saved = snapshot();
  let inFlight = null;
  let dirtySince = null;
  let blocked = false; // waiting for a decision or for a shorter text
  let offline = false;
  let retryMs = 1000;
  let timer = null;

  const isDirty = () => editor && snapshot() !== saved;
  const nextSequence = () => (field("sequence").value = String(Number(field("sequence").value) + 1));

  /** Signing in again, in another tab, changes the token; the cookie has the one that counts now. */
  function freshToken() {
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    if (cookie) field("csrfmiddlewaretoken").value = cookie[1];
    return field("csrfmiddlewaretoken").value;
  }

  function schedule(delay) {
    clearTimeout(timer);
    timer = setTimeout(requestSave, delay);
  }

  function requestSave() {
    clearTimeout(timer);
    if (!editor || !isDirty()) return;
    if (blocked || isTooLong()) remember();
    else htmx.trigger(editor, "save-draft");
  }

  function isTooLong() {
    const size = new TextEncoder().encode(snapshot()).length;
    if (size <= Number(editor.dataset.limitBytes)) return false;
    const chip = byId("save-chip");
    chip.className = "save-chip notice notice--bad";
    chip.setAttribute("role", "alert");
    chip.textContent = editor.dataset.tooLong;
    return true;
  }

  editor?.addEventListener("input", () => {
    if (blocked === "refused") blocked = false;
    dirtySince ??= performance.now();
    const waited = performance.now() - dirtySince;
    schedule(waited >= SAVE_AT_LEAST_EVERY_MS ? 0 : SAVE_AFTER_MS * (1 + Math.random() / 4));
  });

  editor?.addEventListener("htmx:configRequest", (event) => {
    inFlight = snapshot();
    dirtySince = null;
    event.detail.parameters["sequence"] = nextSequence();
    event.detail.parameters["csrfmiddlewaretoken"] = freshToken();
  });

  editor?.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr.status;
    const chip = byId("save-chip");
    if (status === 200) {
      saved = inFlight;
      field("base_revision").value = chip.dataset.revision;
      if (!isDirty()) forget();
      back();
    } else if (status === 409) {
      blocked = "conflict";
      back();
    } else if (status === 413 || status === 422) {
      blocked = "refused";
      back();
    } else if (status >= 400 && status < 500) {
      signedOut();
    } else {
      lost();
    }
    acceptChip(chip);
    if (!blocked && !offline && isDirty()) schedule(SAVE_AFTER_MS);
  });

  /** Show the time of the save as the person's own clock reads, and take the remaining time that came with it. */
  function acceptChip(chip) {
    const time = chip?.querySelector("time");
    if (time) time.textContent = new Date(time.dateTime).toLocaleTimeString();
    if (chip?.dataset.remainingMs) rebase(Number(chip.dataset.remainingMs));
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keep-mine]")) return;
    field("base_revision").value = byId("save-chip").dataset.conflict;
    blocked = false;
    saved = null;
    requestSave();
  });

  /* ---- The connection -------------------------------------------------------------------------------------- */

  function lost() {
    offline = true;
    remember();
    byId("offline").hidden = false;
    schedule(retryMs * (1 + Math.random() / 4));
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
  }

  /** Signed out, or the page's token is too old: only loading the page again helps, and the words wait for that. */
  function signedOut() {
    blocked = "signed out";
    remember();
    byId("offline").hidden = true;
    byId("signed-out").hidden = false;
  }

  function back() {
    if (offline) byId("announcer").textContent = byId("announcer").dataset.back;
    offline = false;
    retryMs = 1000;
    byId("offline").hidden = true;
  }

  window.addEventListener("online", () => { if (isDirty()) schedule(0); });
  window.addEventListener("offline", () => { if (isDirty()) lost(); });

  /** Leaving the page: the browser sends what is not saved yet, even while it closes. */
  function flush() {
    if (!isDirty()) return;
    remember();
    nextSequence();
    freshToken();
    navigator.sendBeacon(form.dataset.draftUrl, new FormData(form));
  }

  /* A reload asks for the page before the last words have arrived: this tab remembers them until they are acknowledged. */
  const memory = `unsaved:${form.dataset.draftUrl}`;

  function remember() {
    if (!editor) return;
    const words = {
      body: snapshot(),
      base: field("base_revision").value,
      client: field("client_id").value,
      sequence: Number(field("sequence").value) + 1,
    };
    try { sessionStorage.setItem(memory, JSON.stringify(words)); } catch { /* full or forbidden: the save still goes */ }
  }

  function forget() {
    try { sessionStorage.removeItem(memory); } catch { /* forbidden */ }
  }

  /** Something newer was saved meanwhile: the remembered words go to the server as what they are, a stale save, and are kept. */
  function keepBeside(words) {
    const data = new FormData(form);
    data.set("answer_format", "text");
    data.set("body", words.body);
    data.set("base_revision", words.base);
    data.set("client_id", words.client);
    data.set("sequence", words.sequence);
    navigator.sendBeacon(form.dataset.draftUrl, data);
  }

  function recall() {
    let words = null;
    try { words = JSON.parse(sessionStorage.getItem(memory)); } catch { /* forbidden or broken */ }
    forget();
    if (!editor || !words || words.body === snapshot()) return;
    if (words.base !== field("base_revision").value) {
      keepBeside(words);
      return;
    }
    const chosen = words.body.split("\n");
    editor.querySelectorAll("[name=body]").forEach((e) => { e.value = words.body; });
    editor.querySelectorAll("[name=choice]").forEach((e) => { e.checked = chosen.includes(e.value); });
    schedule(0);
  }

  form.addEventListener("submit", (event) => {
    if (editor && (offline || navigator.onLine === false)) {
      event.preventDefault();
      lost();
    } else if (form.dataset.sending) {
      event.preventDefault(); // the second of two clicks
    } else {
      form.dataset.sending = "1";
      if (editor && isDirty()) remember(); // in case the form, which carries the words, gets lost on the way
      saved = snapshot();
      freshToken();
      if (editor) nextSequence();
    }
  });

  /* ---- The time -------------------------------------------------------------------------------------------- */

  const clock = byId("timer"), pace = byId("pace"), paceMeter = byId("pace-meter"), announcer = byId("announcer");
  let remaining = Number(form.dataset.remainingMs), spent = Number(form.dataset.spentMs);
  let at = performance.now();
  let expiring = false;
  const left = () => remaining - (performance.now() - at);
  const text = (ms) => {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  function rebase(ms) {
    spent += performance.now() - at;
    remaining = ms;
    at = performance.now();
  }

  const announced = new Set();
  function announce(key, belowMs) {
    if (announced.has(key) || left() > belowMs) return;
    announced.add(key);
    if (left() > belowMs - 5000) announcer.textContent = announcer.dataset[key];
  }

  function tick() {
    clock.textContent = text(left());
    clock.classList.toggle("timer--near", left() <= 300000);
    clock.classList.toggle("timer--last", left() <= 60000);
    if (pace) {
      const used = spent + performance.now() - at;
      pace.textContent = pace.dataset.text.replace("SPENT", text(Math.floor(used / 1000) * 1000));
      paceMeter.value = used / 1000;
      pace.classList.toggle("pace--over", used / 1000 > Number(form.dataset.limitSeconds));
    }
    announce("five", 300000);
    announce("one", 60000);
    if (left() <= 0) expire();
  }

  /** At zero the words go along with the question whether the time is up; the server's answer counts. */
  async function expire() {
    if (expiring) return;
    expiring = true;
    freshToken();
    if (editor) {
      remember();
      nextSequence();
    }
    try {
      const headers = { "HX-Request": "true" };
      const response = await fetch(form.dataset.expireUrl, { method: "POST", headers, body: new FormData(form) });
      const target = response.headers.get("HX-Redirect");
      if (target) {
        saved = snapshot();
        forget();
        location.assign(target);
        return;
      }
      if ([401, 403, 404].includes(response.status)) {
        signedOut();
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const ms = Number(page.getElementById("save-chip")?.dataset.remainingMs);
      rebase(Number.isFinite(ms) && ms > 0 ? ms : 1000);
      if (response.status < 500) back();
    } catch {
      lost();
      rebase(2000);
    }
    expiring = false;
  }

  async function askTime() {
    try {
      const response = await fetch(form.dataset.clockUrl, { headers: { Accept: "application/json" } });
      if (response.ok && response.headers.get("Content-Type").startsWith("application/json")) {
        rebase((await response.json()).remaining_ms);
      }
    } catch {
      /* the next save or the next minute tries again */
    }
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? flush() : askTime()));
  window.addEventListener("pagehide", flush);
  window.addEventListener("pageshow", (event) => {
    delete form.dataset.sending;
    if (!event.persisted) return;
    saved = null; // what the form carried may not have arrived; saving it again changes nothing if it has
    schedule(0);
    askTime();
  });
  setInterval(askTime, REBASE_EVERY_MS);
  setInterval(tick, 250);

  /* ---- Conveniences ---------------------------------------------------------------------------------------- */

  const toggle = byId("timer-toggle");
  function showTimer(hidden) {
    clock.hidden = hidden;
    toggle.setAttribute("aria-pressed", String(hidden));
    toggle.textContent = hidden ? toggle.dataset.show : toggle.dataset.hide;
    try { localStorage.setItem("hide-timer", hidden ? "1" : ""); } catch { /* private mode: not remembered */ }
  }
  toggle.hidden = false;
  toggle.addEventListener("click", () => showTimer(!clock.hidden));
  try { if (localStorage.getItem("hide-timer")) showTimer(true); } catch { /* private mode */ }

  function go(step) {
    const items = [...document.querySelectorAll(".palette__item")];
    const here = items.findIndex((item) => item.hasAttribute("aria-current"));
    items[here + step]?.click();
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("textarea, input:not([type=radio], [type=checkbox])");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && byId("submit")) {
      event.preventDefault();
      form.requestSubmit(byId("submit"));
    } else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      go(event.key === "ArrowLeft" ? -1 : 1);
    } else if (event.key === "?" && !typing) {
      byId("keys").parentElement.toggleAttribute("open");
    }
  });

  acceptChip(byId("save-chip"));
  recall();
  tick();
  byId("question-heading").focus({ preventScroll: true });
})();
