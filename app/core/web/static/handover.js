/* Before the counter is handed over: a card that is scanned, and what this browser has sold without a network and not brought yet. */
import { salesOf } from "./offline-store.js";

const form = document.querySelector("form[action$='/hand-over']");
// A scanner ends a card with Enter: that leads to the password, and sends nothing.
form.addEventListener("keydown", (event) => {
  const { username, password } = form.elements;
  if (event.key !== "Enter" || event.target !== username || password.value) return;
  event.preventDefault();
  password.focus();
});

const place = document.querySelector("[data-unsynced]");
const queued = (await salesOf(place.dataset.unsynced)).filter((sale) => sale.state === "queued").length;
place.querySelector("p").textContent = `还有 ${queued} 笔未同步：这台设备断网时办的，还没有记账。请先同步，再交班。`;
place.hidden = !queued;
