/* Saving: when the words go to the server, what its answers mean, and what becomes of words that were left over.

   htmx carries the saves (one in flight, the newest queued) and swaps the chip, which proves each by revision and time.
   Words wait in this browser's storage from the first keystroke until they are acknowledged. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const { byId, connection, draftUrl, editor, field, form, storage, texts, words } = page;
  const SAVE_AFTER_MS = 800, SAVE_AT_LEAST_EVERY_MS = 10000, KEEP_EVERY_MS = 400, TIMEOUT_MS = 10000;
  const SEQUENCE = "interview:sequence", CARRIED = "interview:carried";
  htmx.config.timeout = TIMEOUT_MS;

  let saved = words.text(); // what the server has, as far as this page knows
  let inFlight = null;
  let dirtySince = null;
  let blocked = ""; // why nothing is sent: a conflict, a refusal, signed out, or an answer that is closed
  let conflict = null; // {revision, theirs, mine}: two texts that wait for a choice
  let timer = null;
  let keepTimer = null;
  let keptAs = null; // the client id under which this page's words lie in storage
  let leftovers = []; // what an earlier page kept for this question and nobody acknowledged
  let safe = true; // whether they would outlive this page

  const isDirty = () => Boolean(editor) && words.text() !== saved;
  const chipNow = () => byId("save-chip");

  /** The count of this tab's saves goes on from page to page: the server tells new words from old ones by it. */
  function nextSequence() {
    const last = storage.attempt("sessionStorage", (area) => Number(area.getItem(SEQUENCE))) || 0;
    const next = String(Math.max(last, Number(field("sequence").value)) + 1);
    storage.attempt("sessionStorage", (area) => area.setItem(SEQUENCE, next));
    return (field("sequence").value = next);
  }

  /* ---- Keeping them in this browser ------------------------------------------------------------------------ */

  const heading = byId("question-heading").textContent.trim().replace(/\s+/g, " ");
  const title = `${heading}\n${(byId("prompt")?.innerText ?? "").trim()}`;

  function entry() {
    const body = words.text();
    return {
      title,
      body,
      readable: words.readable(body),
      base: Number(field("base_revision").value),
      client: field("client_id").value,
      sequence: Number(field("sequence").value) + 1,
    };
  }

  function keep() {
    clearTimeout(keepTimer);
    keepTimer = null;
    if (!editor) return;
    const now = entry();
    safe = storage.keep(draftUrl, now);
    keptAs = now.client;
  }

  /** The first unacknowledged keystroke is kept at once, those after it a few times a second at most. */
  function keepSoon() {
    if (keptAs === null) keep();
    else keepTimer ??= setTimeout(keep, KEEP_EVERY_MS);
  }

  function letGo() {
    clearTimeout(keepTimer);
    keepTimer = null;
    if (keptAs !== null) storage.drop(draftUrl, keptAs);
    keptAs = null;
  }

  /* ---- Sending them ---------------------------------------------------------------------------------------- */

  function schedule(delay) {
    clearTimeout(timer);
    timer = setTimeout(requestSave, delay);
  }

  function requestSave() {
    clearTimeout(timer);
    if (!isDirty()) return;
    if (blocked || words.isClosedFor("elsewhere") || saysTooLong()) keep();
    else htmx.trigger(editor, "save-draft");
  }

  function saysTooLong() {
    if (!words.isTooLong()) return false;
    showChip(texts.tooLong, "notice notice--bad", "alert");
    return true;
  }

  function showChip(text, classes = "muted", role = null) {
    const chip = document.createElement("p");
    chip.id = "save-chip";
    chip.className = `save-chip ${classes}`;
    chip.textContent = text;
    if (role) chip.setAttribute("role", role);
    chipNow().replaceWith(chip);
  }

  editor?.addEventListener("input", () => {
    if (blocked === "refused") blocked = "";
    if (!isDirty()) return letGo();
    dirtySince ??= performance.now();
    keepSoon();
    const waited = performance.now() - dirtySince;
    schedule(waited >= SAVE_AT_LEAST_EVERY_MS ? 0 : SAVE_AFTER_MS * (1 + Math.random() / 4));
  });

  editor?.addEventListener("htmx:configRequest", (event) => {
    inFlight = words.text();
    dirtySince = null;
    event.detail.parameters["sequence"] = nextSequence();
    event.detail.parameters["csrfmiddlewaretoken"] = page.freshToken();
    if (connection.wasLost()) event.detail.parameters["away_ms"] = String(connection.awayMs());
  });

  editor?.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr.status;
    if (status === 200 || status === 409 || status === 413 || status === 422) {
      const wasWaiting = connection.wasLost();
      if (status === 200) acknowledged();
      else if (status === 409) notTaken(chipNow());
      else refused();
      if (wasWaiting) connection.back(status === 200 || status === 409);
    } else if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) {
      signedOut();
    } else {
      lost();
    }
    acceptChip();
    if (!blocked && !connection.wasLost() && isDirty()) schedule(SAVE_AFTER_MS);
  });

  function acknowledged() {
    saved = inFlight;
    field("base_revision").value = chipNow().dataset.revision;
    if (isDirty()) keep();
    else letGo();
  }

  function refused() {
    blocked = "refused";
    keep();
  }

  function notTaken(chip) {
    const status = chip.dataset.status;
    if (status === "stale") {
      keep();
      askToChoose(chip, null);
    } else if (status === "lease") {
      keep();
      page.lease.lost(chip.dataset.holder, true);
    } else {
      blocked = "closed"; // the server has kept the words beside the answer
      saved = inFlight;
      letGo();
    }
  }

  function signedOut() {
    blocked = "signed out";
    if (isDirty()) keep();
    connection.signedOut();
  }

  function lost() {
    if (isDirty()) keep();
    const delay = connection.lost(safe);
    if (isDirty()) schedule(delay);
    else setTimeout(page.clock.ask, delay);
  }

  /** Show the time of the save as the person's own clock reads, and take the remaining time that came with it. */
  function acceptChip() {
    const time = chipNow()?.querySelector("time");
    if (time) time.textContent = new Date(time.dateTime).toLocaleTimeString();
    const remaining = chipNow()?.dataset.remainingMs;
    if (remaining) page.clock.rebaseAnswer(Number(remaining));
  }

  /** What a save sends, for those that htmx does not carry. */
  function draft(fields = {}) {
    nextSequence();
    page.freshToken();
    const data = new FormData(form);
    Object.entries(fields).forEach(([name, value]) => data.set(name, value));
    return data;
  }

  /* ---- Two texts for one question -------------------------------------------------------------------------- */

  function askToChoose(chip, mine) {
    const copy = chip.querySelector(".server-copy");
    conflict = { revision: chip.dataset.conflict, theirs: copy.textContent, mine };
    blocked = "conflict";
    copy.textContent = words.readable(conflict.theirs);
    if (!words.canBeJoined) chip.querySelector("[data-choose=both]")?.remove();
  }

  function choose(which) {
    const { revision, theirs } = conflict;
    const mine = conflict.mine ?? words.text();
    conflict = null;
    blocked = "";
    field("base_revision").value = revision;
    saved = theirs;
    if (which === "theirs") words.put(theirs);
    else words.put(which === "both" && theirs ? `${theirs}\n\n${mine}` : mine);
    showChip(which === "theirs" ? texts.theirs : texts.saving);
    letGo();
    if (isDirty()) keep();
    requestSave();
    words.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (button && conflict) choose(button.dataset.choose);
  });

  /* ---- Words that were left over --------------------------------------------------------------------------- */

  /** A click carried the words of the page before, and the server answered it by leading here: it has them. */
  function letGoOfCarried() {
    const carried = storage.attempt("sessionStorage", (area) => {
      const value = JSON.parse(area.getItem(CARRIED));
      area.removeItem(CARRIED);
      return value;
    });
    if (!carried) return;
    const from = document.referrer ? new URL(document.referrer).pathname : "";
    const [load] = performance.getEntriesByType("navigation");
    const answeredHere = from === page.path && load?.redirectCount > 0;
    const choseThere = from.startsWith(`${page.path}questions/`); // on the page that shows both texts
    if (answeredHere || choseThere) storage.drop(carried.url, carried.client);
  }

  /** Bring back what this browser had for this question when the page began, unless a tab that is open is at it. */
  async function recall() {
    for (const left of leftovers) {
      const own = left.client === field("client_id").value;
      if (own || !(await page.lease.isAlive(left.client))) await bringBack(left, own);
    }
  }

  async function bringBack(left, own) {
    if (editor && left.body === words.text()) {
      forget(left);
    } else if (editor && words.isClosedFor("elsewhere")) {
      if (own) showWithoutSaving(left);
    } else if (editor && !isDirty() && goesOn(left)) {
      words.put(left.body);
      if (!own) storage.drop(draftUrl, left.client);
      keep();
      schedule(0);
    } else {
      await sendAside(left, own);
    }
  }

  /** Under the same name may lie by now what was typed while the page began; that stays until it is acknowledged. */
  function forget(left) {
    if (keptAs !== left.client) storage.drop(draftUrl, left.client);
  }

  /** Whether the words were written on top of what the server has: on its very revision, or by its last writer. */
  function goesOn(left) {
    const byLastWriter = left.client === editor.dataset.writer && left.sequence > Number(editor.dataset.writerSequence);
    return byLastWriter || String(left.base) === field("base_revision").value;
  }

  function showWithoutSaving(left) {
    words.put(left.body);
    field("base_revision").value = String(left.base);
    keptAs = left.client;
  }

  /** Something else was saved meanwhile: the words go to the server as what they are, a stale save, and are kept. */
  async function sendAside(left, own) {
    const asOneself = own || field("client_id").value !== editor?.dataset.writer;
    const identity = asOneself ? {} : { client_id: left.client, sequence: left.sequence };
    const data = draft({ answer_format: "text", body: left.body, base_revision: left.base, ...identity });
    data.delete("choice");
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(draftUrl, { method: "POST", headers: { "HX-Request": "true" }, body: data, signal });
      if (response.status !== 200 && response.status !== 409) return;
      const answer = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("save-chip");
      if (editor && answer?.dataset.status === "stale") {
        chipNow().replaceWith(answer);
        askToChoose(answer, left.body);
        keptAs = left.client;
      } else {
        forget(left);
        if (response.status === 409) page.tell(texts.keptBeside);
      }
    } catch {
      /* they stay where they are, for the next page */
    }
  }

  /* ---- Leaving the page ------------------------------------------------------------------------------------ */

  form.addEventListener("submit", (event) => {
    if (editor && connection.isLost()) {
      event.preventDefault();
      lost();
    } else if (form.dataset.sending) {
      event.preventDefault(); // the second of two clicks
    } else {
      form.dataset.sending = "1";
      if (isDirty()) keep(); // in case the form, which carries the words, gets lost on the way
      if (keptAs !== null) {
        const carried = JSON.stringify({ url: draftUrl, client: keptAs });
        storage.attempt("sessionStorage", (area) => area.setItem(CARRIED, carried));
      }
      saved = words.text();
      page.freshToken();
      nextSequence();
    }
  });

  /** The browser sends what is not saved yet, even while the page closes. */
  window.addEventListener("pagehide", () => {
    if (!isDirty()) return;
    keep();
    if (!blocked && !words.isClosedFor("elsewhere")) navigator.sendBeacon(draftUrl, draft());
  });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty() && !safe) event.preventDefault(); // nothing but this page has these words
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) requestSave(); });
  window.addEventListener("pageshow", (event) => {
    delete form.dataset.sending;
    if (event.persisted) location.reload(); // an old page would save old words over newer ones
  });
  window.addEventListener("online", () => (isDirty() ? schedule(0) : page.clock.ask()));
  window.addEventListener("offline", lost);

  page.saving = {
    recall,
    request: requestSave,
    isDirty,
    entry,
    draft,
    keep,
    lost,
    signedOut,
    /** The server has everything, by another way than a save. */
    settled() { saved = words.text(); letGo(); },
    start() {
      letGoOfCarried();
      leftovers = storage.entries().filter((left) => left.url === draftUrl); // before any keystroke is kept over them
      acceptChip();
    },
  };
})();
