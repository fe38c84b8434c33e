// Light or dark: follows the system until someone presses the switch, and again once both agree.
// Loaded in <head> without `defer`, because a page must not show one theme and then jump to the other.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const systemTheme = () => (system.matches ? "dark" : "light");
  // Storage can be refused (private windows, blocked cookies); the switch then lasts for one page.
  const stored = (work) => { try { return work(localStorage); } catch { return null; } };

  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-switch]"))
      button.setAttribute("aria-pressed", String((root.dataset.theme || systemTheme()) === "dark"));
  };
  const showStored = () => show(stored((storage) => storage.getItem("theme")));

  root.classList.add("js");
  showStored();
  document.addEventListener("DOMContentLoaded", () => show(root.dataset.theme));
  system.addEventListener("change", () => show(root.dataset.theme));
  addEventListener("storage", showStored);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = (root.dataset.theme || systemTheme()) === "dark" ? "light" : "dark";
    const choice = next === systemTheme() ? null : next;
    stored((storage) => (choice ? storage.setItem("theme", choice) : storage.removeItem("theme")));
    show(choice);
  });
})();
