/* The keyboard: what each key does, and the dialog that lists them.

   Letters go with Alt and leave out those that menus of browsers use (D, E, F, and in Firefox B, H, S, T, V). On a Mac Alt
   writes letters, so there they work outside the text only; Escape leads out of it. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const { byId, form } = page;
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

  const press = (id) => byId(id)?.click();

  function go(step) {
    const items = [...document.querySelectorAll("#palette .palette__item")];
    const here = items.findIndex((item) => item.hasAttribute("aria-current"));
    const target = items[here + step];
    if (target?.matches("button")) target.click();
  }

  const WITH_ALT = {
    arrowleft: () => go(-1),
    arrowright: () => go(1),
    n: () => press("skip"),
    m: () => press("flag"),
    p: () => press("pause"),
    c: () => page.clock.toggleTimer(),
    l: () => page.clock.sayLeft(),
    k: () => byId("keys").togglePopover(),
  };

  /** The key as it is printed, or, where Alt has made another character of it, as it lies on the keyboard. */
  function nameOf(event) {
    return /^([a-z]|Arrow\w+)$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const typing = event.target.closest?.("textarea, input:not([type=radio], [type=checkbox])");
    const submit = byId("submit");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit) {
      event.preventDefault();
      if (!submit.disabled) form.requestSubmit(submit);
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && !event.getModifierState("AltGraph")) {
      const action = WITH_ALT[nameOf(event)];
      if (!action || (isMac && typing)) return;
      event.preventDefault();
      action();
    } else if (event.key === "?" && !typing) {
      event.preventDefault();
      byId("keys").togglePopover();
    } else if (event.key === "Escape" && typing && !document.querySelector(":popover-open")) {
      byId("question-heading").focus({ preventScroll: true });
    }
  });
})();
