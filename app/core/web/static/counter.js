/* 兑换台: scanner, basket, and one submission at a time. The form is replaced by each answer, so listeners live on the document. */
import { carryOver, chosen, clearBasket, keepBasket, restoreBasket, saleOf, setQuantity, showBasket, stepOf, stepped } from "./basket.js";
import { shut, toggle } from "./camera.js";
import { isCard, itemWith, looksLikeBarcode, mayBeCard, noteKey, scannedText } from "./scanner.js";
import { playOutcome, unlockSound } from "./sound.js";
import { forgetWho, isIdle, lookUp, watch } from "./waiting.js";

const PATIENCE_MS = 15000;
const CODE = /^(R[\w-]{22}|\d{10})$/; // what app/supermarket/codes.py knows a code by
const OF_A_CODE = [10], NEARLY = [9, 10, 11]; // places: whoever types a code may lose one, a scanner does not
const SCANNER_ECHO_MS = 400; // some scanners end a code with two Enters

const counter = () => document.getElementById("counter");
const form = () => counter().querySelector("form");
const codeField = () => form().elements.redeem_code;
const cardField = () => form().elements.card_no;
const typedCode = () => codeField().value.normalize("NFKC").replace(/\s/g, ""); // a Chinese keyboard may type full-width digits
const hasKeyboard = matchMedia("(pointer: fine)").matches; // on a phone, focus would open the keyboard
const RETRY_MS = [1000, 2000, 4000];
let sending = false;
let unanswered = null; // what went out and was not answered: it goes out again as it was, under its key
let retry = null;
let lastEnter = -Infinity;
let toButton = null;

document.addEventListener("keydown", unlockSound);
document.addEventListener("pointerdown", unlockSound);
document.addEventListener("keydown", pressed);
document.addEventListener("click", clicked);
document.addEventListener("focusin", (event) => event.target.matches(".stepper__input") && event.target.select());
document.addEventListener("input", (event) => {
  if (event.target === codeField() || event.target === cardField()) forgetWho(form());
  if (event.target === codeField()) say("");
  if (event.target.matches(".stepper__input")) choose(event.target, event.target.value);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-counter]")) return;
  event.preventDefault();
  send();
});
restoreBasket(form());
watch(counter, show);
backToCode();

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key !== "Enter") stay();
  if (event.key === "Enter" && event.repeat) return event.preventDefault(); // a key held down confirms nothing
  const inQuantity = event.target.matches?.(".stepper__input");
  if (/^[A-Za-z]$/.test(event.key) && !event.target.matches?.("input:not(.stepper__input)")) catchScanner();
  noteKey(event, document.activeElement);
  const scan = event.key === "Enter" && scannedText(event);
  if (scan && !isWhole(event.target) && (scanned(scan.text, scan.restore) || tookCode(scan.text, scan.restore))) return event.preventDefault();
  if (event.key === "F2") take(event, () => codeField().select(), backToCode);
  else if (event.key === "Escape") take(event, clear);
  else if (event.key === "Enter" && (inQuantity || event.target === codeField())) take(event, enter);
  else if (stepOf(event)) take(event, () => step(event.target, stepOf(event)));
}

// A slow machine may tear a scan in two; what the code field holds then says more than its end.
function isWhole(field) {
  return field === codeField() && (CODE.test(typedCode()) || isCard(typedCode()) || itemWith(form(), typedCode()));
}

// What a scanner typed, wherever the focus was: a barcode adds one piece, a card opens its field.
function scanned(text, restore, codeLengths = OF_A_CODE) {
  const item = itemWith(form(), text);
  if (item) {
    restore();
    const field = item.querySelector(".stepper__input");
    if (!field) return say(`${item.dataset.name}已兑完。`), true;
    step(field, 1);
    if (!form().querySelector("[data-say]").textContent) say(`${item.dataset.name} 加了一件。`);
    return true;
  }
  if (isCard(text) || mayBeCard(text, codeLengths)) {
    restore();
    form().querySelector("[data-card]").open = true;
    cardField().value = text.toUpperCase();
    lookUp(form());
    form().elements.pin.focus();
    return true;
  }
  if (looksLikeBarcode(text)) {
    restore();
    say("这家店没有这个条码的商品。");
    return true;
  }
  return false;
}

// A code scanned while the focus was elsewhere, or over another one.
function tookCode(text, restore) {
  if (!CODE.test(text)) return false;
  restore();
  codeField().value = text;
  codeField().focus();
  enter();
  return true;
}

// Whoever types on is not led to the button.
function stay() {
  lastEnter = -Infinity;
  clearTimeout(toButton);
}

function take(event, ...deeds) {
  event.preventDefault();
  for (const deed of deeds) deed();
}

// A letter can only be the start of a scanned code: it lands in the code field wherever the focus was.
function catchScanner() {
  codeField().value = "";
  codeField().focus();
}

// Enter never sends a half-filled basket. It leads to what is missing, and then to the button.
function enter() {
  const echo = performance.now() - lastEnter < SCANNER_ECHO_MS;
  lastEnter = performance.now();
  if (echo) return;
  const text = typedCode();
  if (scanned(text, () => (codeField().value = ""), NEARLY)) return;
  if (CODE.test(text)) lookUp(form());
  if (!text && !cardField().value.trim()) {
    say("请扫居民的兑换码。");
    codeField().focus();
  } else if (!chosen(form()).length) {
    say(CODE.test(typedCode()) ? "码读到了，请选商品。" : "");
    form().querySelector(".stepper__input")?.focus();
  } else {
    say("请核对后按“确认兑换”。");
    toButton = setTimeout(() => form().querySelector("[type=submit]").focus(), SCANNER_ECHO_MS);
  }
}

function clear() {
  const before = unanswered ? "上一笔还没有结果，办下一位之前会先问清楚。" : "";
  if (codeField().value || cardField().value) {
    for (const field of [codeField(), cardField(), form().elements.pin]) field.value = "";
    forgetWho(form());
    say(`${before}兑换码清掉了。再按一次 Esc 清空商品。`);
  } else if (chosen(form()).length) {
    clearBasket(form());
    say(`${before}商品清空了。`);
  }
  codeField().focus();
}

function clicked(event) {
  const stepper = event.target.closest("[data-step]");
  if (stepper) {
    step(stepper.parentElement.querySelector("input"), Number(stepper.dataset.step));
    backToCode();
  } else if (event.target.closest("[data-camera]")) {
    toggleCamera();
  } else if (!event.target.closest("input, button, a, label, summary") && !String(getSelection())) {
    backToCode();
  }
}

function step(field, by) {
  choose(field, stepped(field, by));
}

// So many of one item, or as many as there are; a manager whose eyes are elsewhere is told.
function choose(field, wanted) {
  const left = setQuantity(field, wanted);
  say(left === null ? "" : `只剩 ${left} 件，都选上了。`);
  showBasket(form());
}

async function send() {
  if (sending) return;
  clearTimeout(retry);
  codeField().value = typedCode();
  if (!unanswered && (!(codeField().value || cardField().value.trim()) || !chosen(form()).length)) return enter();
  unanswered ??= { body: new FormData(form()), tries: 0, whose: form().querySelector("[data-who] b:not(.num)")?.textContent ?? "" };
  sending = true;
  form().setAttribute("aria-busy", "true");
  say(isAnother() ? "上一笔还没有结果，正在先问清楚，这一位的留着…" : "正在兑换…");
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(form().getAttribute("action"), { method: "POST", body: unanswered.body, signal: patience.signal });
    const text = await answer.text();
    if (passes(answer) && tryAgain("还没有办完")) return;
    answered(new DOMParser().parseFromString(text, "text/html"), answer);
  } catch {
    if (!tryAgain("没有连上")) trouble(`${named()}没有连上，请检查网络后再按一次“确认兑换”，不会重复扣分。`);
  } finally {
    clearTimeout(timer);
    sending = false;
    form().removeAttribute("aria-busy");
  }
}

// The form may hold the next sale by now: that one is never taken for what is still unanswered.
function isAnother() {
  return saleOf(new FormData(form())) !== saleOf(unanswered.body);
}

function named() {
  return unanswered && isAnother() ? "上一笔" : "";
}

// After an answer that was lost, only the counter itself says what became of the sale.
function answered(page, answer) {
  const another = isAnother(), { tries, whose } = unanswered;
  const unsettled = answer.status >= 500 || passes(answer) || (tries && !page.getElementById("counter"));
  if (!unsettled) unanswered = null;
  if (!another) show(page, answer);
  else if (!unsettled) showBeside(page, answer, whose);
  else if (answer.redirected) leadToLogin();
  else trouble("上一笔还没有结果，请过一会儿再按一次“确认兑换”，先把它问清楚，不会重复扣分。");
}

// What became of the last sale stands above, by name; the next one stays, and waits for a press of its own.
function showBeside(page, answer, whose) {
  const next = form();
  const name = page.querySelector("[data-member]")?.textContent || whose;
  page.querySelector("#counter .banner:not([data-ended]) .banner__message")?.prepend(`上一笔${name && `（${name}）`}：`);
  show(page, answer);
  if (form() === next) return;
  carryOver(next, form());
  if (!isIdle(counter())) say("上一笔有结果了，在上面。请核对这一位，再按“确认兑换”。");
  toStart();
  scrollTo({ top: 0 }); // where it is told, wherever the focus is
}

// Of the moment: whoever holds what is wanted lets go of it, or the first of two answers is still to come.
function passes(answer) {
  return [502, 503, 504].includes(answer.status) || (answer.status === 409 && answer.headers.has("Retry-After"));
}

// The same idempotency key goes out again, so a lost answer cannot become a second redemption.
function tryAgain(why) {
  const wait = RETRY_MS[unanswered.tries++];
  if (!wait) return false;
  trouble(`${named()}${why}，正在自动再试，不会重复扣分。`);
  retry = setTimeout(send, wait);
  return true;
}

function show(page, answer) {
  const fresh = page.getElementById("counter");
  if (!fresh && answer.redirected) return leadToLogin();
  if (!fresh) {
    const detail = page.querySelector("[data-detail]")?.textContent.trim();
    return trouble(detail || "服务器没有办成。请再按一次“确认兑换”，不会重复扣分。");
  }
  stay();
  shut();
  counter().replaceWith(document.adoptNode(fresh));
  watch(counter, show);
  showBasket(form());
  scrollTo({ top: 0 });
  toStart();
  playOutcome(fresh.dataset.outcome);
}

// Only the goods wait for who comes back: the code is the resident's, and will have run out.
function leadToLogin() {
  keepBasket(form());
  const banner = counter().querySelector("[data-ended]");
  banner.hidden = false;
  banner.querySelector("a").focus();
  trouble(unanswered ? "有一笔还不知道办成没有，登录后请先在“今天和交接班”里核对。" : "");
}

function trouble(sentence) {
  say(sentence);
  playOutcome("refused");
}

function toggleCamera() {
  toggle(form().querySelector("[data-viewer]"), (text) => {
    codeField().value = text;
    enter();
  }, say);
}

function toStart() {
  if (hasKeyboard && cardField().value) form().elements.pin.focus(); // refused: the card still lies there
  else backToCode();
}

function backToCode() {
  if (hasKeyboard) codeField().focus();
}

function say(sentence) {
  form().querySelector("[data-say]").textContent = sentence;
}
