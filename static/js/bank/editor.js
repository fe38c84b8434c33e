/* The editor: complaints at their fields while one types, and words that are kept even when the tab goes away.
   Without it the form still keeps, checks and saves everything with each press of a button. */
(() => {
  const form = document.getElementById("writing");
  const keeper = document.getElementById("keeper");
  const side = document.getElementById("side");
  let dirty = false;
  let retry = 0;
  let signedOut = false;
  let opened = [];

  // Signing in again, in another tab, gives a new security token.
  const freshToken = () => {
    const field = form.elements.csrfmiddlewaretoken;
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    if (cookie) field.value = cookie[1];
    return field.value;
  };

  document.body.addEventListener("htmx:configRequest", (event) => {
    event.detail.parameters["csrfmiddlewaretoken"] = freshToken();
  });

  // Loading the page again brings what was kept last. Else it would send once more what an earlier button was pressed
  // with, or begin another question.
  const address = () => {
    const copy = form.elements.question ? "" : `?copy=${form.elements.copy.value}`;
    history.replaceState(null, "", form.getAttribute("action") + copy);
  };
  if ("kept" in form.dataset) address();

  // --- Complaints at their fields ------------------------------------------------------------------------------

  const place = () => {
    for (const slot of form.querySelectorAll(".editor__problems")) slot.replaceChildren();
    for (const item of side.querySelectorAll("[data-field]")) {
      const slot = document.getElementById(`p-${item.dataset.field}`);
      if (!slot) continue;
      const line = document.createElement("li");
      line.textContent = item.dataset.message;
      if ("hint" in item.dataset) line.dataset.hint = "";
      slot.append(line);
    }
  };

  // --- Keeping -------------------------------------------------------------------------------------------------

  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("change", () => { dirty = true; });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id !== "keeper" && event.detail.elt?.id !== "keeper") return;
    clearTimeout(retry);
    const status = event.detail.xhr.status;
    signedOut = status === 401 || status === 403;
    if (status >= 200 && status < 300) {
      dirty = false;
      address();
    }
    if ((status >= 200 && status < 300) || status === 409 || status === 422) return;
    const kept = document.querySelector("#kept p");
    const { offline, failed, signedOut: out } = keeper.dataset;
    if (kept) kept.textContent = signedOut ? out : status ? failed : offline;
    // Words that could not be sent are sent again, for as long as the page is open.
    retry = setTimeout(() => htmx.trigger(keeper, "keep"), 5000);
  });

  // A form that is on its way keeps itself. What is kept after it was saved would come back as words not saved.
  form.addEventListener("submit", (event) => {
    freshToken();
    if (!signedOut) {
      dirty = false;
      return;
    }
    // The page to sign in would come instead, and the words would be gone.
    event.preventDefault();
    htmx.trigger(keeper, "keep");
  });

  // The page may be closed right after the last key: what was not kept yet is sent along.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !dirty) return;
    freshToken();
    fetch(keeper.getAttribute("hx-post"), { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
  });

  // --- Buttons of the lists, and what comes back ---------------------------------------------------------------

  // What is beside the form comes anew with each word; what somebody opened in it to compare stays open.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "side") opened = [...side.querySelectorAll("details[id][open]")].map((part) => part.id);
  });

  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "side") {
      place();
      for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    }
    if (event.target.id?.startsWith("list-")) form.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Return in a line would press the first button of the form and load the page again; it adds a row in a list instead.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      event.target.closest(".editor__list")?.querySelector("button[id^=add-]")?.click();
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      htmx.trigger(keeper, "keep");
    }
  });
})();
