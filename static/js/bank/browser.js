/* The bank browser: keys, reading beside the list, and an address that always says what the list shows.
   Without it every link is a page of its own and every filter a button away. */
(() => {
  const list = document.querySelector(".bank__list");
  const preview = document.getElementById("preview");
  const search = document.getElementById("q");
  const beside = matchMedia("(min-width: 70rem)");
  let wanted = null;

  const results = () => document.getElementById("results");
  const links = () => [...list.querySelectorAll("tbody .bank__question a")];
  const rowOf = (element) => element.closest("tr");
  const idOf = (row) => row.id.slice(2);
  const current = () => {
    const at = document.activeElement.closest?.("tbody tr") || list.querySelector("tr[aria-current]");
    return at ? at.querySelector(".bank__question a") : null;
  };

  // --- The address ---------------------------------------------------------------------------------------------

  const address = () => {
    const peeked = preview.querySelector("[data-peeked]");
    const parts = [results().dataset.query, peeked ? `open=${peeked.dataset.peeked}` : ""].filter(Boolean);
    return location.pathname + (parts.length ? `?${parts.join("&")}` : "");
  };

  const say = (how) => {
    if (address() !== location.pathname + location.search) history[how](null, "", address());
    for (const field of document.querySelectorAll("[data-query]")) {
      if (field.name === "query") field.value = results().dataset.query;
    }
  };

  addEventListener("popstate", () => location.reload());

  // --- Reading beside the list ---------------------------------------------------------------------------------

  const mark = () => {
    const peeked = preview.querySelector("[data-peeked]");
    for (const row of list.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
    if (peeked) document.getElementById(`q-${peeked.dataset.peeked}`)?.setAttribute("aria-current", "true");
  };

  const read = (link) => {
    wanted = link.href;
    htmx.ajax("GET", link.href, { target: "#preview", swap: "innerHTML" }).then(() => {
      // Of several that were asked for in a row, the last one counts.
      if (wanted !== link.href) return;
      preview.scrollTop = 0;
      mark();
      say("replaceState");
    });
  };

  list.addEventListener("click", (event) => {
    const link = event.target.closest(".bank__question a");
    if (!link || !beside.matches || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    read(link);
  });

  // --- Keys ----------------------------------------------------------------------------------------------------

  const move = (by) => {
    const all = links();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next.focus();
    rowOf(next).scrollIntoView({ block: "nearest" });
    if (preview.querySelector("[data-peeked]") && beside.matches) later(next);
  };

  // While a key is held down, only the question one stops at is loaded.
  let timer = 0;
  const later = (link) => {
    clearTimeout(timer);
    timer = setTimeout(() => read(link), 150);
  };

  const go = (selector) => {
    const link = current();
    if (link) location.assign(link.href.replace(/preview\/$/, selector));
  };

  const keys = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    "/": () => search.focus(),
    "?": () => document.getElementById("keys").togglePopover(),
    x: () => current() && rowOf(current()).querySelector("input[name=chosen]").click(),
    o: () => go(""),
    e: () => document.querySelector("a[href$='/bank/new/']") && go("edit/"),
  };

  const close = () => {
    const row = list.querySelector("tr[aria-current]");
    preview.replaceChildren();
    row?.querySelector(".bank__question a").focus();
    mark();
    say("replaceState");
  };

  preview.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === search) {
      search.blur();
      return;
    }
    if (event.key === "Escape" && !document.querySelector(":popover-open") && preview.querySelector("[data-peeked]")) {
      close();
      return;
    }
    const types = event.target.closest("input:not([type=checkbox]), select, textarea, [popover]:not(#filter-panel)");
    if (types || event.ctrlKey || event.metaKey || event.altKey) return;
    // The arrows scroll a preview that has the focus.
    if (event.key.startsWith("Arrow") && event.target.closest("#preview, #filter-panel")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // --- Answers of the server -----------------------------------------------------------------------------------

  // The filters come anew with each answer; what somebody folded or opened stays as it was.
  const folds = new Map();
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("#filter-options summary");
    if (summary) folds.set(summary.id, !summary.parentElement.open);
  });
  const fold = () => {
    for (const [id, open] of folds) {
      const summary = document.getElementById(id);
      if (summary) summary.parentElement.open = open;
    }
  };

  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "results") return;
    mark();
    fold();
    say(document.activeElement === search ? "replaceState" : "pushState");
  });

  search.setSelectionRange(search.value.length, search.value.length);
})();
