/* The time: counts down what the server gave with the browser's monotonic clock, and asks again whenever it may be off.

   The computer's own clock does not matter. At zero the server is asked whether the time is up; its answer counts. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const { byId, connection, editor, field, form, texts, words } = page;
  const REBASE_EVERY_MS = 60000, TICK_MS = 250, GAP_MS = 5000, MORE_TIME_MS = 5000, RETRY_MS = 2000;
  const NEAR_MS = 300000, LAST_MS = 60000;
  const number = (name) => (form.dataset[name] === undefined ? null : Number(form.dataset[name]));
  const startedAt = performance.now();

  const show = (ms) => {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  /** One countdown: what is left, where it shows, and what is said on the way, each once. */
  function countdown(name, element, ms, totalMs) {
    const marks = [[totalMs / 2, "Half"], [300000, "300"], [60000, "60"], [10000, "10"]]
      .filter(([at], index) => at < totalMs && (index > 0 || ![300000, 60000, 10000].includes(at)));
    let remaining = ms;
    let at = performance.now();
    const left = () => remaining - (performance.now() - at);
    let said = new Set(marks.filter(([mark]) => left() <= mark));

    function say() {
      const passed = marks.filter((mark) => left() <= mark[0] && !said.has(mark));
      passed.forEach((mark) => said.add(mark));
      const last = passed.sort((one, other) => one[0] - other[0])[0];
      if (last && left() > last[0] - MORE_TIME_MS) {
        (element?.hidden === false ? page.announce : page.tell)(texts[name + last[1]]);
      }
    }

    return {
      left,
      rebase(now) {
        const more = now - left() > MORE_TIME_MS;
        remaining = now;
        at = performance.now();
        if (!more) return;
        said = new Set(marks.filter(([mark]) => left() <= mark));
        page.tell(texts.moreTime);
      },
      tick() {
        if (element) {
          const shown = show(Math.min(left(), words.isClosedFor("reading") ? totalMs : Infinity));
          if (element.textContent !== shown) element.textContent = shown;
          element.classList.toggle("timer--near", left() <= NEAR_MS && left() < totalMs / 2);
          element.classList.toggle("timer--last", left() <= LAST_MS && left() < totalMs / 2);
        }
        say();
      },
    };
  }

  const limited = number("questionRemainingMs") !== null;
  const session = number("remainingMs") === null ? null
    : countdown("session", byId("timer"), number("remainingMs"), number("totalMs"));
  const question = limited
    ? countdown("question", byId("question-timer"), number("questionRemainingMs"), number("limitSeconds") * 1000) : null;

  /** The time left for this answer, as it comes with every save: the question's where it has a limit of its own. */
  function rebaseAnswer(ms) {
    (question ?? session)?.rebase(ms);
  }

  /* ---- How much of the suggested time is used ---------------------------------------------------------------- */

  const pace = byId("pace"), meter = byId("pace-meter");
  const readingMs = Number(byId("reading")?.dataset.readingMs ?? 0); // does not count, also for those who start early

  function tickPace() {
    if (!pace) return;
    const used = number("spentMs") + Math.max(0, performance.now() - startedAt - readingMs);
    const text = pace.dataset.text.replace("SPENT", show(Math.floor(used / 1000) * 1000));
    if (pace.textContent !== text) pace.textContent = text;
    meter.value = used / 1000;
    pace.classList.toggle("pace--over", used / 1000 > number("limitSeconds"));
  }

  /* ---- Asking ------------------------------------------------------------------------------------------------ */

  async function ask() {
    const wasMine = page.lease.isMine();
    try {
      const url = `${form.dataset.clockUrl}?client_id=${field("client_id").value}`;
      const response = await fetch(url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10000) });
      if (response.redirected || response.status === 401) return page.saving.signedOut();
      if (!response.ok) return undefined;
      take(await response.json(), wasMine);
    } catch {
      page.saving.lost();
    }
    return undefined;
  }

  function take(answer, wasMine) {
    if (!page.saving.isDirty()) connection.back(false);
    session?.rebase(answer.remaining_ms);
    if (answer.question_remaining_ms !== null) question?.rebase(answer.question_remaining_ms);
    if (answer.paused) location.reload(); // paused in another tab; what is unsaved goes along and waits
    if (!answer.yours) page.lease.isNotYours(wasMine);
  }

  /* ---- Zero -------------------------------------------------------------------------------------------------- */

  let expiring = false;
  let notBefore = 0;

  const isUp = () =>
    (session && session.left() <= 0) || (question && question.left() <= 0 && !words.isClosedFor("elsewhere"));

  /** At zero the words go along with the question whether the time is up. Meanwhile nothing is typed that could not go. */
  async function expire() {
    if (expiring || performance.now() < notBefore) return;
    expiring = true;
    if (!words.isClosedFor("over")) page.tell(texts.over);
    words.close("over", true);
    if (page.saving.isDirty()) page.saving.keep();
    try {
      const request = { method: "POST", headers: { "HX-Request": "true" }, body: page.saving.draft() };
      await answered(await fetch(form.dataset.expireUrl, { ...request, signal: AbortSignal.timeout(10000) }));
    } catch {
      notBefore = performance.now() + RETRY_MS;
      connection.lost(true);
    }
    expiring = false;
  }

  async function answered(response) {
    const target = response.headers.get("HX-Redirect");
    if (target) {
      page.saving.settled();
      notBefore = Infinity;
      location.assign(target);
    } else if ([401, 403, 404].includes(response.status)) {
      notBefore = Infinity;
      page.saving.signedOut();
    } else if (response.status >= 500) {
      throw new Error("try again");
    } else {
      notBefore = performance.now() + RETRY_MS / 2;
      await ask();
      if (!isUp()) words.close("over", false);
    }
  }

  /* ---- Showing and hiding ------------------------------------------------------------------------------------ */

  const toggle = byId("timer-toggle");
  const hideable = [byId("timer"), byId("question-timer"), ...document.querySelectorAll("[data-with-timer]")]
    .filter(Boolean);

  function hideTimer(hidden) {
    hideable.forEach((element) => { element.hidden = hidden; });
    toggle.setAttribute("aria-pressed", String(hidden));
    toggle.textContent = hidden ? toggle.dataset.show : toggle.dataset.hide;
  }

  function toggleTimer() {
    if (!toggle) return;
    const hidden = toggle.getAttribute("aria-pressed") !== "true";
    hideTimer(hidden);
    page.storage.attempt("localStorage", (area) => area.setItem("hide-timer", hidden ? "1" : "0"));
  }

  function startToggle() {
    if (!toggle) return;
    const stored = page.storage.attempt("localStorage", (area) => area.getItem("hide-timer"));
    hideTimer(stored ? stored === "1" : form.dataset.hidesTimer !== undefined);
    toggle.hidden = false;
    toggle.addEventListener("click", toggleTimer);
  }

  /** Say what is left, when asked by key. */
  function sayLeft() {
    const parts = [[question, texts.questionLeft], [session, texts.sessionLeft]].filter(([clock]) => clock);
    if (parts.length) page.tell(parts.map(([clock, words_]) => words_.replace("LEFT", show(clock.left()))).join(" "));
  }

  /* ---- Running ----------------------------------------------------------------------------------------------- */

  let lastTick = { monotonic: performance.now(), wall: Date.now() };

  /** A computer that slept, or a tab that was put aside, has missed ticks; the monotonic clock may have stood still. */
  function noticeGap() {
    const now = { monotonic: performance.now(), wall: Date.now() };
    const gap = Math.max(now.monotonic - lastTick.monotonic, Math.abs(now.wall - lastTick.wall));
    lastTick = now;
    if (gap > GAP_MS) ask();
  }

  function tick() {
    noticeGap();
    [question, session].forEach((clock) => clock?.tick());
    tickPace();
    if (isUp()) expire();
  }

  page.clock = {
    rebaseAnswer,
    ask,
    show,
    toggleTimer,
    sayLeft,
    start() {
      startToggle();
      tick();
      setInterval(tick, TICK_MS);
      setInterval(ask, REBASE_EVERY_MS);
      document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
      window.addEventListener("focus", noticeGap);
    },
  };
})();
