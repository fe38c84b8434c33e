/* Words that no server has acknowledged, kept in this browser under user, question and tab until one has.

   They outlive a reload, a crash and a closed tab; signing out removes them. Owns the names under which they lie and
   what to do where storage is full or forbidden; knows nothing of editors and saves. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const PREFIX = `interview:words:${page.form.dataset.user}:`;
  const SEPARATOR = "|";

  /** Work on a storage, or do nothing where the browser refuses it. */
  function attempt(name, work) {
    try { return work(window[name]); } catch { return undefined; }
  }

  const keyOf = (url, client) => PREFIX + url + SEPARATOR + client;

  /** Keep the words; the tab's own storage stands in for one that is full. False if this page alone has them. */
  function keep(url, words) {
    const put = (area) => { area.setItem(keyOf(url, words.client), JSON.stringify(words)); return true; };
    return attempt("localStorage", put) ?? attempt("sessionStorage", put) ?? false;
  }

  function drop(url, client) {
    ["localStorage", "sessionStorage"].forEach((name) => attempt(name, (area) => area.removeItem(keyOf(url, client))));
  }

  function entriesIn(name) {
    const read = (area) =>
      Object.keys(area).filter((key) => key.startsWith(PREFIX + page.path)).map((key) => {
        const url = key.slice(PREFIX.length).split(SEPARATOR)[0];
        try { return { url, ...JSON.parse(area.getItem(key)) }; } catch { return null; }
      });
    return (attempt(name, read) ?? []).filter((words) => words && typeof words.body === "string");
  }

  /** All words of this interview that wait for their acknowledgement, of whichever question and tab. */
  const entries = () => [...entriesIn("localStorage"), ...entriesIn("sessionStorage")];

  page.storage = { attempt, keep, drop, entries };
})();
