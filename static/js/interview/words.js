/* The editor: reads the words of whichever kind of answer, puts words in, and closes it to typing for a reason.

   The editor is never replaced, so caret, undo and input methods are left alone. */
(() => {
  "use strict";
  const page = window.interviewPage;
  if (!page) return;
  const { editor, form } = page;
  const texts = editor ? [...editor.querySelectorAll("[name=body]")] : [];
  const choices = editor ? [...editor.querySelectorAll("[name=choice]")] : [];
  const closedFor = new Set();

  const text = () =>
    texts.map((control) => control.value).join("") ||
    choices.filter((control) => control.checked).map((control) => control.value).join("\n");

  function put(words) {
    const chosen = words.split("\n");
    texts.forEach((control) => { control.value = words; });
    choices.forEach((control) => { control.checked = chosen.includes(control.value); });
  }

  /** Words as a person reads them: the texts of choices, not their keys. */
  function readable(words) {
    if (!choices.length) return words;
    const chosen = words.split("\n");
    return choices.filter((c) => chosen.includes(c.value)).map((c) => c.closest("label").innerText).join("\n");
  }

  /** Close the editor for this reason, or take the reason away; it opens again when no reason is left. */
  function close(reason, closed) {
    closedFor[closed ? "add" : "delete"](reason);
    texts.forEach((control) => { control.readOnly = closedFor.size > 0; });
    editor?.classList.toggle("editor--closed", closedFor.size > 0);
    form.classList.toggle("interview--elsewhere", closedFor.has("elsewhere"));
    // Buttons act on the server, so they stay only with the tab that may write; choices keep their values for the form.
    form.querySelectorAll("button:not([data-always])").forEach((button) => {
      button.disabled = closedFor.has("elsewhere") || closedFor.has("over");
    });
  }

  editor?.addEventListener("click", (event) => {
    if (closedFor.size && event.target.closest(".choice")) event.preventDefault(); // arrow keys click, too
  });

  page.words = {
    text,
    put,
    readable,
    close,
    isClosed: () => closedFor.size > 0,
    isClosedFor: (reason) => closedFor.has(reason),
    canBeJoined: texts.some((control) => control.tagName === "TEXTAREA"),
    focus: () => (texts[0] ?? choices.find((control) => control.checked) ?? choices[0])?.focus(),
    isTooLong: () => new TextEncoder().encode(text()).length > Number(editor.dataset.limitBytes),
  };
})();
