/* Reading time: the editor is closed until it is over, or until one starts early. Without scripts it is simply open. */
(() => {
  "use strict";
  const page = window.interviewPage;
  const panel = page?.byId("reading");
  if (!panel) return;
  const end = performance.now() + Number(panel.dataset.readingMs);
  const left = page.byId("reading-left"), button = page.byId("start-answering");
  let timer = null;

  function open() {
    clearInterval(timer);
    const hadFocus = panel.contains(document.activeElement) || document.activeElement === page.byId("question-heading");
    panel.hidden = true;
    page.words.close("reading", false);
    page.announce(page.texts.readingOver);
    if (hadFocus) page.words.focus();
  }

  function tick() {
    const ms = end - performance.now();
    const shown = page.clock.show(ms);
    if (left.textContent !== shown) left.textContent = shown;
    if (ms <= 0) open();
  }

  button.addEventListener("click", open);
  page.reading = {
    start() {
      if (page.words.text()) return; // there are words already: nobody keeps their writer from them
      panel.hidden = false;
      page.words.close("reading", true);
      timer = setInterval(tick, 250);
      tick();
    },
  };
})();
