/* The interview page's common ground: its form and fields, and the two places where it says something.

   The other files of this folder hang on `interviewPage`, in the order the page lists them. The server decides
   everything about time and state; nothing here does more than show, send and keep. */
(() => {
  "use strict";
  const form = document.getElementById("interview");
  if (!form) return;
  const byId = (id) => document.getElementById(id);
  const announcer = byId("announcer"), news = byId("news");
  const NEWS_MS = 6000;
  let newsTimer = null;

  /** Say something to those who hear the page. */
  function announce(text) {
    announcer.textContent = text;
  }

  /** Say it to everybody, for a while, where nothing else has to move for it. */
  function tell(text) {
    announce(text);
    news.textContent = text;
    news.hidden = false;
    clearTimeout(newsTimer);
    newsTimer = setTimeout(() => { news.hidden = true; }, NEWS_MS);
  }

  const field = (name) => form.elements.namedItem(name);

  /** Signing in again, in another tab, changes the token; the cookie has the one that counts now. */
  function freshToken() {
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    if (cookie) field("csrfmiddlewaretoken").value = cookie[1];
    return field("csrfmiddlewaretoken").value;
  }

  window.interviewPage = {
    form,
    byId,
    field,
    announce,
    tell,
    freshToken,
    texts: announcer.dataset,
    path: form.dataset.path, // of the interview: "/interviews/<id>/"
    draftUrl: form.dataset.draftUrl,
    editor: byId("editor"), // missing where the answer is submitted
  };
})();
