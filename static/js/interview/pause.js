/* The page of a pause: counts down what is left of it, and loads the interview again when it is over. */
(() => {
  "use strict";
  const left = document.getElementById("pause-left");
  if (!left) return;
  const end = performance.now() + Number(left.dataset.leftMs);
  const soon = () => location.reload();

  function tick() {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds > 0) return;
    clearInterval(timer);
    setTimeout(soon, 1000);
  }

  const timer = setInterval(tick, 250);
  document.getElementById("resume").focus({ preventScroll: true });
  // A computer that slept may have slept through the end of the pause.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  // Whoever resumed in another tab is not paused here.
  if ("BroadcastChannel" in window) new BroadcastChannel("interview").addEventListener("message", soon);
})();
