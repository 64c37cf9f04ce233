/* Where the phone is, asked once and only when somebody presses for it; it goes into a form, never an address. */
(() => {
  const form = document.querySelector("[data-near]"), say = document.querySelector("[data-near-say]");
  const said = {
    1: "没有得到定位许可，下面先按离您社区的远近排。",
    2: "手机现在定不了位，下面先按离您社区的远近排。",
    3: "定位用了太久，可以再点一次。",
  };
  form?.querySelector("[data-near-ask]")?.addEventListener("click", () => {
    if (!navigator.geolocation) return void (say.textContent = said[2]);
    say.textContent = "正在定位……";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        // Ten metres are near enough to sort by.
        form.elements.lat.value = coords.latitude.toFixed(4);
        form.elements.lng.value = coords.longitude.toFixed(4);
        say.textContent = "";
        form.requestSubmit();
      },
      ({ code }) => { say.textContent = said[code] ?? said[2]; },
      { maximumAge: 60000, timeout: 8000 },
    );
  });
})();
