/* Starts the parts of the interview page, once all of them are there. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  page.saving.start();
  page.reading?.start();
  page.clock.start();
  page.lease.start();
  page.byId("question-heading").focus({ preventScroll: true });
})();
