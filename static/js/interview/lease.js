/* Which tab may write: this tab's id, whether it holds the interview, and what is shown where it does not.

   The id lies in sessionStorage, which a duplicated tab copies; a lock named by the id shows whether somebody else is
   using it. The server decides who holds the interview, by compare-and-set; tabs of one browser tell each other at once. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const { byId, field, form, path, storage, texts, words } = page;
  const TAB = "interview:tab", LAST_HOLDER = `interview:holder:${path}`, LOCK_WAIT_MS = 400;
  const notice = byId("elsewhere");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("interview") : null;
  let holder = form.dataset.holder;
  let mine = false;

  const lockOf = (id) => `interview:tab:${id}`;
  const id = () => field("client_id").value;

  /** Hold the lock of this id as long as the page lives; false if another tab does. */
  function hold(wanted) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise((done) => {
      const forever = () => { done(true); return new Promise(() => {}); };
      navigator.locks.request(lockOf(wanted), { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, forever).catch(() => done(false));
    });
  }

  /** Whether a tab of this browser uses the id. Without locks nobody can tell; then the safe answer is yes. */
  async function isAlive(other) {
    if (!navigator.locks) return true;
    const { held } = await navigator.locks.query();
    return held.some((lock) => lock.name === lockOf(other));
  }

  /** A random UUID; the short way there is closed to pages that came without TLS. */
  function newId() {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
  }

  /** Use the id this tab had on the page before, a new one in a new tab and in the copy of a tab. */
  async function settleId() {
    const before = storage.attempt("sessionStorage", (area) => area.getItem(TAB));
    const settled = before && (await hold(before)) ? before : newId();
    if (settled !== before) await hold(settled);
    storage.attempt("sessionStorage", (area) => area.setItem(TAB, settled));
    field("client_id").value = settled;
  }

  /** Ask for the interview, if `seen` still holds it. True if this tab may write now. */
  async function claim(seen) {
    const body = new FormData();
    body.set("client_id", id());
    body.set("seen", seen);
    body.set("csrfmiddlewaretoken", page.freshToken());
    const headers = { "HX-Request": "true" };
    const response = await fetch(form.dataset.leaseUrl, { method: "POST", headers, body, signal: AbortSignal.timeout(10000) });
    if ([401, 403, 404].includes(response.status)) page.saving.signedOut();
    if (response.status !== 200 && response.status !== 409) throw new Error("no answer");
    const answer = await response.json();
    holder = answer.yours ? id() : answer.holder ?? "";
    if (answer.yours) hasIt();
    return answer.yours;
  }

  function hasIt() {
    mine = true;
    holder = form.dataset.holder = id();
    storage.attempt("localStorage", (area) => area.setItem(LAST_HOLDER, holder));
    channel?.postMessage({ path, holder });
    notice.hidden = true;
    words.close("elsewhere", false);
  }

  /** Another tab writes now. The words stay where they are, in the page, in storage and beside the answer. */
  function lost(newHolder, wordsAreSent = false) {
    const knew = mine;
    mine = false;
    holder = newHolder || holder;
    if (words.isClosedFor("elsewhere")) return;
    if (page.saving.isDirty() && !wordsAreSent) page.saving.request(); // the server keeps what it refuses
    byId("elsewhere-text").textContent = knew ? texts.wentElsewhere : texts.elsewhere;
    notice.hidden = false;
    words.close("elsewhere", true);
  }

  /** "Go on here": whoever presses it has seen the notice, so a holder that came in between is overruled as well. */
  async function takeOver(button) {
    button.disabled = true;
    try {
      if (!((await claim(holder)) || (await claim(holder)))) return;
      if (page.saving.isDirty()) page.saving.request();
      else location.reload(); // shows what was written elsewhere
    } catch {
      page.saving.lost();
    } finally {
      button.disabled = false;
    }
  }

  /** Whether the holder is a tab of this browser that is gone, after a crash for instance: then nobody is at it. */
  async function holderIsGone() {
    const last = storage.attempt("localStorage", (area) => area.getItem(LAST_HOLDER));
    return holder === last && Boolean(navigator.locks) && !(await isAlive(holder));
  }

  /** Go on where nobody else is at it, and say so where somebody is. */
  async function decide() {
    try {
      if (holder === id()) hasIt();
      else if (!holder || (await holderIsGone())) await claim(holder);
      if (!mine) lost(holder);
    } catch {
      page.saving.lost(); // the clock asks again when the connection is back
    }
  }

  async function start() {
    await settleId();
    await decide();
    await page.saving.recall();
  }

  channel?.addEventListener("message", ({ data }) => {
    if (data.path === path && data.holder !== id() && mine) lost(data.holder);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take-over]");
    if (button) takeOver(button);
  });

  page.lease = {
    start,
    lost,
    isAlive,
    isMine: () => mine,
    /** The server says that this tab does not hold it, though it did when that was asked; who does, a claim will tell. */
    isNotYours(wasMine) {
      if (wasMine) lost(null);
      else if (!mine && !words.isClosedFor("elsewhere")) decide();
    },
  };
})();
