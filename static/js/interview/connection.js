/* The connection: says that it is gone or back, measures for how long, and offers the words as a file meanwhile. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const { byId, texts } = page;
  const banner = byId("offline"), signedOutBanner = byId("signed-out");
  const RETRY_FIRST_MS = 1000, RETRY_MAX_MS = 15000;
  let since = null; // performance.now() of the loss
  let retryMs = RETRY_FIRST_MS;

  /** The connection is lost. `safe` is whether the words would outlive this page. Returns when to try again. */
  function lost(safe) {
    since ??= performance.now();
    byId("offline-text").textContent = safe ? texts.offline : texts.offlineVolatile;
    banner.hidden = false;
    const delay = retryMs * (1 + Math.random() / 4);
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
    return delay;
  }

  /** The server answered. `sent` is whether words had been waiting for it. */
  function back(sent) {
    retryMs = RETRY_FIRST_MS;
    if (since === null) return;
    since = null;
    banner.hidden = true;
    page.tell(sent ? texts.back : texts.backIdle);
  }

  /** Signed out, or the page's token is too old: only loading the page again helps, and the words wait for that. */
  function signedOut() {
    banner.hidden = true;
    signedOutBanner.hidden = false;
  }

  /** The last resort: everything this browser knows and the server may not, as a plain text file. */
  function download() {
    const waiting = page.storage.entries().filter((words) => words.url !== page.draftUrl);
    const here = page.editor ? [{ ...page.saving.entry() }] : [];
    const parts = [...here, ...waiting].map((words) => `${words.title}\n\n${words.readable ?? words.body}\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([parts.join("\n\n")], { type: "text/plain;charset=utf-8" }));
    link.download = texts.fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-download]")) download();
  });

  page.connection = {
    lost,
    back,
    signedOut,
    isLost: () => since !== null || navigator.onLine === false,
    wasLost: () => since !== null,
    awayMs: () => (since === null ? 0 : Math.round(performance.now() - since)),
  };
})();
