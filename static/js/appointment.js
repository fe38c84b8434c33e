// Scheduled interviews: the time zone of this browser, the end that is only asked for when it is wanted, and a page that
// loads again when its interview may start.
(() => {
  const zone = document.querySelector("[name=time_zone]");
  if (zone) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own && zone.hasAttribute("data-guess-zone") && zone.value === zone.defaultValue) zone.value = own;
    const names = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
    document.getElementById(zone.getAttribute("list"))?.append(
      ...["UTC", ...names].map((name) => Object.assign(document.createElement("option"), { value: name })),
    );
  }

  const fixed = document.querySelector("[name=fixed_end]");
  const end = document.getElementById("fixed-end");
  if (fixed && end) {
    const show = () => { end.hidden = !fixed.checked; };
    fixed.addEventListener("change", show);
    show();
  }

  // By the server's count, because this machine's clock may be wrong. A date further away than a day loads nothing.
  const waiting = document.querySelector("[data-opens-in-ms]");
  const left = Number(waiting?.dataset.opensInMs);
  if (waiting && left < 24 * 3600 * 1000) setTimeout(() => location.reload(), left + 1000);
})();
