/* On the report: words that this browser keeps, because no save of them was ever acknowledged, go to the server now.

   The interview is over, so they do not count; the server keeps them beside the answer, marked as late. How they lie in
   storage is told in interview/storage.js. */
(() => {
  "use strict";
  const interview = document.currentScript.dataset.interview;
  const NAME = /^interview:words:[^:]*:([^|]+)\|/;
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];

  async function send(area, key) {
    const words = JSON.parse(area.getItem(key));
    const body = new FormData();
    const fields = { body: words.body, base_revision: words.base, client_id: words.client, sequence: words.sequence };
    Object.entries({ ...fields, answer_format: "text", csrfmiddlewaretoken: token }).forEach((pair) => body.set(...pair));
    const headers = { "HX-Request": "true" };
    const response = await fetch(NAME.exec(key)[1], { method: "POST", headers, body });
    if (response.ok || response.status === 409) area.removeItem(key);
  }

  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      const area = window[name];
      const keys = Object.keys(area).filter((key) => NAME.exec(key)?.[1].startsWith(interview));
      keys.forEach((key) => send(area, key).catch(() => {}));
    } catch {
      /* storage is forbidden: then nothing was kept either */
    }
  }
})();
