/* Who stands before the counter, before anything is used up; and a sale that waits for their phone. */
import { playOutcome } from "./sound.js";

const LOOK_AGAIN_MS = 2000;
const waiting = new Set(); // where to ask what became of each
let timer = null;

export async function lookUp(form) {
  const place = form.querySelector("[data-who]");
  try {
    const answer = await fetch(`${form.getAttribute("action")}/look`, { method: "POST", body: new FormData(form) });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-found]");
    if (found && place.isConnected) place.replaceChildren(...document.adoptNode(found).childNodes);
  } catch {
    place.replaceChildren(); // a courtesy: the sale itself says what is wrong
  }
}

export function forgetWho(form) {
  form.querySelector("[data-who]").replaceChildren();
}

/* Ask again until each member has answered; meanwhile the next one may be served. */
export function watch(counter, show) {
  clearTimeout(timer);
  const here = counter().querySelector("[data-waits]")?.dataset.waits;
  if (here) waiting.add(here);
  if (waiting.size) timer = setTimeout(() => lookAll(counter, show), LOOK_AGAIN_MS);
}

async function lookAll(counter, show) {
  for (const address of waiting) {
    try {
      const answer = await fetch(address);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!waiting.has(address)) continue; // told meanwhile: a slow answer is not told twice
      const fresh = page.getElementById("counter");
      if (!fresh && isGone(answer)) lose(counter(), address);
      if (!fresh || fresh.dataset.outcome === "waiting") continue;
      if (counter().querySelector("[data-waits]")?.dataset.waits !== address) {
        tell(counter(), fresh, address);
      } else if (isIdle(counter())) {
        waiting.delete(address);
        return show(page, answer);
      }
    } catch {
      // the network comes and goes: ask again
    }
  }
  watch(counter, show);
}

export function isIdle(counter) {
  return ![...counter.querySelectorAll("[name=redeem_code], [name=card_no], .stepper__input")].some((field) => field.value);
}

// Somebody else has been served since: what became of this one stands above, and takes nothing away.
function tell(counter, fresh, address) {
  const banner = fresh.querySelector(".banner:not([data-ended])");
  put(counter, document.adoptNode(banner), address);
  playOutcome(fresh.dataset.outcome);
}

// A login or nothing at all stands there: to ask on would be to ask for ever.
function isGone(answer) {
  return answer.redirected || answer.status === 404;
}

function lose(counter, address) {
  const banner = Object.assign(document.createElement("div"), { className: "banner banner_refused", role: "alert" });
  const said = "有一笔等居民确认的，这里问不到结果了。物品先不要给，请看这一笔。";
  banner.append(Object.assign(document.createElement("p"), { className: "banner__message", textContent: said }));
  put(counter, banner, address);
  playOutcome("refused");
}

// Opened beside the counter: whoever looks loses nothing of what they have filled in.
function put(counter, banner, address) {
  const link = { className: "banner__link", href: address, target: "_blank", rel: "noopener", textContent: "看这一笔" };
  banner.append(Object.assign(document.createElement("a"), link));
  counter.querySelector(".counter__head").after(banner);
  const own = counter.querySelector("[data-waits]");
  if (own?.dataset.waits === address) delete own.dataset.waits;
  waiting.delete(address);
}
