/* "I stand at the place now": the phone's spot goes into the field, for whoever plans to look at before saving. */
(() => {
  const button = document.querySelector("[data-here]"), say = document.querySelector("[data-here-say]");
  const said = { 1: "没有得到定位许可，请从地图软件复制坐标粘贴。", 3: "定位用了太久，可以再点一次。" };
  button?.addEventListener("click", () => {
    const { elements } = button.form;
    if (!navigator.geolocation) return void (say.textContent = said[1]);
    say.textContent = "正在定位……";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        elements.spot.value = `${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)}`;
        elements.crs.value = "wgs84";
        elements.station_id.value = "";
        say.textContent = `已填入您现在的位置，误差约 ${Math.round(coords.accuracy)} 米。`;
      },
      ({ code }) => { say.textContent = said[code] ?? "现在定不了位，请从地图软件复制坐标粘贴。"; },
      { enableHighAccuracy: true, maximumAge: 0, timeout: 10000 },
    );
  });
})();
