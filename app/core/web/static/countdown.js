/* Codes that run out: count the seconds, hide what is over, ask for a new one, keep the screen lit. */
(() => {
  const ends = new WeakMap(); // by this device's own clock, which may differ from the server's

  const tick = () => {
    for (const box of document.querySelectorAll("[data-expires-in]")) {
      if (!ends.has(box)) ends.set(box, performance.now() + Number(box.dataset.expiresIn) * 1000);
      const left = Math.max(0, Math.ceil((ends.get(box) - performance.now()) / 1000));
      const shown = box.querySelector("[data-countdown]");
      if (shown && shown.textContent !== String(left)) shown.textContent = left;
      box.classList.toggle("is-expired", left === 0);
      if (left === 0 && !box.dataset.renewing) renew(box);
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
