/* Puts the program a coding question starts from into an empty answer, as if it had been typed. */
(() => {
  "use strict";
  const page = window.interviewPage;
  const button = document.querySelector("[data-put-starter]");
  const answer = document.querySelector("textarea.code-answer");
  if (!page || !button || !answer) return;

  const showWhileEmpty = () => { button.hidden = answer.value.trim() !== "" || page.words.isClosed(); };

  button.addEventListener("click", () => {
    if (answer.value.trim() || page.words.isClosed()) return;
    page.words.put(document.querySelector("[data-starter]").innerText.trimEnd() + "\n");
    answer.dispatchEvent(new Event("input", { bubbles: true }));
    page.words.focus();
  });
  answer.addEventListener("input", showWhileEmpty);
  showWhileEmpty();
})();
