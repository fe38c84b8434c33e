/* On the report: words that this tab remembers, because no save of them was ever acknowledged, go to the server now.

   The interview is over, so they do not count; the server keeps them beside the answer, marked as late. */
(() => {
  "use strict";
  const prefix = `unsaved:${document.currentScript.dataset.interview}`;
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];

  async function send(key) {
    const words = JSON.parse(sessionStorage.getItem(key));
    const body = new FormData();
    const fields = { body: words.body, base_revision: words.base, client_id: words.client, sequence: words.sequence };
    Object.entries({ ...fields, answer_format: "text", csrfmiddlewaretoken: token }).forEach((pair) => body.set(...pair));
    const headers = { "HX-Request": "true" };
    const response = await fetch(key.slice("unsaved:".length), { method: "POST", headers, body });
    if (response.ok || response.status === 409) sessionStorage.removeItem(key);
  }

  try {
    Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)).forEach((key) => send(key).catch(() => {}));
  } catch {
    /* storage is forbidden: then nothing was remembered either */
  }
})();
