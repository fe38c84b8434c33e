// The page before the clock: totals follow the extra minutes as they are typed. Without this they show the profile's.
(() => {
  const extra = document.querySelector("[name=extra_minutes]");
  if (!extra) return;
  const text = (seconds) => {
    const rest = seconds % 60;
    return Math.floor(seconds / 60) + (rest ? `:${String(rest).padStart(2, "0")}` : "");
  };
  const show = () => {
    if (!extra.checkValidity()) return;
    const minutes = Number(extra.value) || 0;
    for (const total of document.querySelectorAll("[data-seconds]"))
      total.textContent = text(Number(total.dataset.seconds) + minutes * 60);
    for (const counted of document.querySelectorAll("[data-extra-counted]")) counted.textContent = minutes;
  };
  extra.addEventListener("input", show);
  show();
})();
