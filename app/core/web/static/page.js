/* What every page may use: large type, printing, and forms that are sent once. */
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // At once and in place, so that a form half filled in stays; the server remembers it for the person.
  const largeType = document.querySelector("form[data-elder]");
  largeType?.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter, said = new FormData(largeType, button);
    const large = root.classList.toggle("elder");
    document.cookie = `elder=${large ? 1 : 0}; path=/; max-age=31536000; samesite=lax`;
    button.value = large ? "0" : "1";
    button.setAttribute("aria-pressed", String(large));
    button.textContent = large ? "标准字" : "大字";
    fetch(largeType.action, { method: "POST", body: said, keepalive: true }).catch(() => {});
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // The second press of an impatient thumb is dropped; the first one keeps its button's name and value.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });
})();
