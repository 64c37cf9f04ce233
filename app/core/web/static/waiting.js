/* Who stands before the counter, before anything is used up; and a sale that waits for their phone. */
const LOOK_AGAIN_MS = 2000;
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

/* Ask again until the member has answered; meanwhile the next one may be served. */
export function watch(counter, show) {
  clearTimeout(timer);
  const waits = counter().querySelector("[data-waits]")?.dataset.waits;
  if (!waits) return;
  timer = setTimeout(async () => {
    try {
      const answer = await fetch(waits);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const idle = ![...counter().querySelectorAll("[name=redeem_code], [name=card_no], .stepper__input")].some((field) => field.value);
      if (page.getElementById("counter")?.dataset.outcome !== "waiting" && idle) return show(page, answer);
    } catch {
      // the network comes and goes: ask again
    }
    watch(counter, show);
  }, LOOK_AGAIN_MS);
}
