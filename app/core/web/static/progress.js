/* While a long form is being sent: how far it is, asked once a second and shown in place. */
(() => {
  const form = document.querySelector("[data-progress]");
  const here = form?.querySelector("[data-progress-here]");
  form?.addEventListener("submit", () => {
    const ask = async () => {
      const answer = await fetch(form.dataset.progress, { headers: { Accept: "text/html" } });
      if (answer.ok) here.innerHTML = await answer.text();
    };
    ask();
    const asking = setInterval(ask, 1000);
    window.addEventListener("pagehide", () => clearInterval(asking), { once: true });
  });
})();
