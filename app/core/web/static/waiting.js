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
      const fresh = page.getElementById("counter");
      if (fresh?.dataset.outcome === "waiting") continue;
      if (counter().querySelector("[data-waits]")?.dataset.waits !== address) {
        if (fresh) tell(counter(), fresh, address);
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

function isIdle(counter) {
  return ![...counter.querySelectorAll("[name=redeem_code], [name=card_no], .stepper__input")].some((field) => field.value);
}

// Somebody else has been served since: what became of this one stands above, and takes nothing away.
function tell(counter, fresh, address) {
  waiting.delete(address);
  const banner = document.adoptNode(fresh.querySelector(".banner:not([data-ended])"));
  const link = Object.assign(document.createElement("a"), { className: "banner__link", href: address, textContent: "看这一笔" });
  banner.append(link);
  counter.querySelector(".counter__head").after(banner);
  playOutcome(fresh.dataset.outcome);
}
