/* Codes that run out: count the seconds, hide what is over, ask for a new one, keep the screen lit.
   A code that is replaced before it is over says so with data-renews-in, and stays until the next one is there. */
(() => {
  const since = new WeakMap(); // by this device's own clock, which may differ from the server's

  const tick = () => {
    for (const box of document.querySelectorAll("[data-expires-in]")) {
      if (!since.has(box)) since.set(box, performance.now());
      const { expiresIn, renewsIn = expiresIn } = box.dataset;
      const left = (seconds) => Math.max(0, Math.ceil(seconds - (performance.now() - since.get(box)) / 1000));
      const shown = box.querySelector("[data-countdown]");
      if (shown && shown.textContent !== String(left(renewsIn))) shown.textContent = left(renewsIn);
      box.classList.toggle("is-expired", left(expiresIn) === 0);
      if (left(renewsIn) === 0 && !box.dataset.renewing) renew(box);
    }
  };

  // A phone that slept missed its moment: ask again, every five seconds, until a new code comes.
  const renew = (box) => {
    if (!box.hasAttribute("hx-get")) return;
    box.dataset.renewing = "yes";
    globalThis.htmx?.trigger(box, "renew");
    setTimeout(() => delete box.dataset.renewing, 5000);
  };

  const stayAwake = () => {
    if (document.visibilityState !== "visible" || !document.querySelector("[data-stay-awake]")) return;
    navigator.wakeLock?.request("screen").catch(() => {}); // a comfort: the page works without it
    tick();
  };

  tick();
  setInterval(tick, 250);
  document.addEventListener("htmx:afterSwap", tick);
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
})();
