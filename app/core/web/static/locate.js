/* Where the phone is, for a check-in whose owner has agreed to say so. What takes longer than a few seconds goes on without. */
(() => {
  const form = document.querySelector("form[data-locate]"), say = document.querySelector("[data-locate-say]");
  if (!form || !navigator.geolocation) return;
  const PATIENCE = 4000;
  let over = false, waiting = false;
  const answered = new Promise((settle) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        if (over) return;
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.lng.value = coords.longitude.toFixed(6);
        form.elements.accuracy_m.value = Math.min(coords.accuracy, 100000).toFixed(0);
        settle("位置已取到，只用来核对是否在现场。");
      },
      () => settle("没有取到位置，不要紧，照样可以记。"),
      { enableHighAccuracy: true, maximumAge: 30000, timeout: PATIENCE },
    );
  });
  answered.then((said) => { over = true; say.textContent = said; });
  form.addEventListener("submit", (event) => {
    if (over) return;
    // Nobody else hears of this press: the form is sent once, by the one below.
    event.preventDefault();
    event.stopPropagation();
    if (waiting) return;
    waiting = true;
    say.textContent = "正在取位置，最多等几秒……";
    const enough = new Promise((settle) => { setTimeout(settle, PATIENCE); });
    Promise.race([answered, enough]).then(() => { over = true; form.requestSubmit(); });
  });
})();
