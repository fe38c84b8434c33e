/* Signing out removes the words of interviews that this browser keeps: whoever sits here next is somebody else. */
document.addEventListener("submit", (event) => {
  const [address] = (event.target.getAttribute("action") ?? "").split("?");
  if (!address.endsWith("/logout/")) return;
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      const area = window[name];
      Object.keys(area).filter((key) => key.startsWith("interview:")).forEach((key) => area.removeItem(key));
    } catch {
      /* storage is forbidden: then nothing was kept either */
    }
  }
});
