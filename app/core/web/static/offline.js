/* 断网兑换: sells from a slice that was granted beforehand, and brings the sales once there is a network. */
import { chosen, clearBasket, setQuantity, showBasket } from "./basket.js";
import { goodsLeft, isOver, known, reading } from "./offline-slice.js";
import { MOST_OF_ONE, part, showGoods, showQueue, showReceipt } from "./offline-shown.js";
import { addSale, salesOf, slicesOf } from "./offline-store.js";
import { Astray, Away, Ended, giveBack, grant, putAside, sync } from "./offline-sync.js";
import { isCard, itemWith, looksLikeBarcode, noteKey, scannedText } from "./scanner.js";
import { playOutcome, unlockSound } from "./sound.js";

const AGAIN_MS = 20000, RARELY_MS = 600000;
const root = document.getElementById("offline");
const { shop, at, worker } = root.dataset;
const form = part("offline");
const card = form.elements.card_no;
const hasKeyboard = matchMedia("(pointer: fine)").matches;
let slice = null; // as it is read, of today or the last there was
let sales = [];
let who = null; // what the slice knows of the card that lies there
let reached = null; // whether the service answered the last time it was asked
let points = null; // what the shop's manager allows, once it is known
let pause = AGAIN_MS; // until it is tried again by itself: longer each time a stranger answers
let elsewhere = null; // who has the slice of today on another terminal
let tried = 0; // when, by a clock that nobody sets
let waiting = 0; // sales of the shop, from whichever terminal, that a person has to see to

for (const event of ["keydown", "pointerdown"]) document.addEventListener(event, unlockSound);
document.addEventListener("keydown", pressed);
root.addEventListener("click", clicked);
form.addEventListener("submit", (event) => (event.preventDefault(), sell()));
form.addEventListener("input", (event) => {
  if (event.target === card) (forget(), say(""));
  if (event.target.matches(".stepper__input")) choose(event.target, event.target.value);
});
form.addEventListener("focusin", (event) => event.target.matches(".stepper__input") && event.target.select());
card.addEventListener("change", look);
part("sync").addEventListener("click", () => bring());
part("grant").addEventListener("click", (event) => deed(event.target, () => grant(at)));
part("return").addEventListener("click", (event) => deed(event.target, () => giveBack(at, slice.slice)));
addEventListener("online", () => bring());
addEventListener("offline", () => tell(false));
setInterval(() => isTime() && bring(), AGAIN_MS);
start();

async function start() {
  if (!isSecureContext) return (part("slice").textContent = "断网兑换要用 https 的网址打开，请换成正式网址。");
  navigator.serviceWorker?.register(worker, { scope: at }).catch(() => {}); // without it the page works, and is not kept
  navigator.storage?.persist?.();
  await refresh();
  await bring();
  if (hasKeyboard && !form.hidden) card.focus();
}

// What this browser keeps, as the page shows it.
async function refresh() {
  sales = await salesOf(shop);
  const [newest] = await slicesOf(shop);
  slice = newest ? reading(newest) : null;
  form.hidden = !slice || isOver(slice);
  if (slice) showGoods(goodsLeft(slice, sales));
  showBasket(form);
  showQueue(sales, waiting);
  showSlice();
}

function showSlice() {
  const open = slice && !isOver(slice);
  const used = slice ? sales.filter((sale) => sale.slice === slice.slice).length : 0;
  const cards = slice ? Object.keys(slice.cards).length : 0;
  part("slice").textContent = open
    ? `今天 24:00 前有效：领取时有 ${cards} 张卡，这台设备已用 ${used} 张。每张卡一天一次。`
    : notOpen();
  part("grant").hidden = Boolean(open || slice?.ended) || reached !== true || !points || Boolean(elsewhere);
  part("return").hidden = !(open || slice?.ended) || reached !== true;
  const queued = sales.filter((sale) => sale.state === "queued");
  part("return").disabled = queued.length > 0;
  part("why-not").textContent = queued.length && !part("return").hidden ? whyNot(queued) : "";
}

// Why the slice cannot be given back yet: what was refused as it stands is not brought by trying again.
function whyNot(queued) {
  const first = queued.some((sale) => sale.refused) ? "先同步或转人工处理，再交回" : "先同步再交回";
  return `还有 ${queued.length} 笔未同步，${first}。`;
}

function notOpen() {
  if (points === 0) return "这个兑换点没有开通断网备用，请店长在“商品与库存”里设置。";
  if (slice?.ended) return "这份备用额度不能再用：已经收回，或者是另一位店员领的。请同步、交回，再领取。";
  if (elsewhere) return `今天的备用额度由 ${elsewhere} 领取，在另一台设备上。请先在那台设备上同步、交回；设备坏了，请到“断网兑换的处理”收回。`;
  if (slice) return "备用额度是前一天的，不能再用；有网络时领取今天的。";
  return "还没有领取。请在有网络时领取，断网时才能用。";
}

// Send what waits, if there is anybody to send it to; then say how things stand.
async function bring() {
  tried = performance.now();
  try {
    const state = await sync(at, shop, refresh);
    ({ points, waiting } = state);
    showQueue(sales, waiting);
    pause = AGAIN_MS;
    trouble(null);
    tell(true, state.holder);
  } catch (error) {
    pause = error instanceof Astray ? Math.min(2 * pause, RARELY_MS) : AGAIN_MS;
    tell(!isApart(error));
    await refresh();
    trouble(error);
  }
}

// What was refused is refused again: that waits for somebody.
function isTime() {
  const since = performance.now() - tried + AGAIN_MS / 2; // a tick may come a little early
  return since >= pause && sales.some((sale) => sale.state === "queued" && !sale.refused);
}

// Whether nothing of the service was reached.
function isApart(error) {
  return error instanceof Away || error instanceof Astray;
}

// What somebody has to do before it goes on; without a network there is nothing to be done.
function trouble(error) {
  part("ended").hidden = !(error instanceof Ended);
  part("trouble").hidden = !error || error instanceof Ended || error instanceof Away;
  part("trouble-text").textContent = part("trouble").hidden ? "" : error.message;
  if (!part("trouble").hidden) part("sync").hidden = false; // what the sentence says to press is there
  if (error instanceof Astray) part("net").textContent = "断网兑换，没有连到红色账户";
}

function tell(yes, holder) {
  reached = yes;
  if (holder !== undefined) elsewhere = holder;
  part("net").textContent = yes ? `断网兑换，网络正常${holder ? `；今天的备用额度在 ${holder} 的设备上` : ""}` : "断网兑换，没有网络";
  showSlice();
}

async function deed(button, act) {
  button.disabled = true;
  try {
    await act();
    await bring();
  } catch (error) {
    if (isApart(error)) tell(false);
    trouble(error);
    part("slice").textContent = error instanceof Away ? "没有连上，请稍后再试。" : error.message || notOpen();
    return;
  } finally {
    button.disabled = false;
  }
  if (hasKeyboard && !form.hidden) card.focus();
}

function pressed(event) {
  if (form.hidden || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Enter" && event.repeat) return event.preventDefault();
  const inQuantity = event.target.matches?.(".stepper__input");
  noteKey(event, document.activeElement);
  const scan = event.key === "Enter" && scannedText(event);
  if (scan && scanned(scan.text, scan.restore)) return event.preventDefault();
  if (event.key === "F2") take(event, () => card.select());
  else if (event.key === "Escape") take(event, clear);
  else if (event.key === "Enter" && (inQuantity || event.target === card)) take(event, enter);
  else if (inQuantity && ["+", "=", "ArrowUp"].includes(event.key)) take(event, () => step(event.target, 1));
  else if (inQuantity && ["-", "_", "ArrowDown"].includes(event.key)) take(event, () => step(event.target, -1));
}

function take(event, act) {
  event.preventDefault();
  act();
}

// What a scanner typed, wherever the focus was: a barcode adds a piece, a card is looked up.
function scanned(text, restore) {
  const item = itemWith(form, text);
  if (item) {
    restore();
    if (card.value) look(); // what a scanner typed over it has made it unknown
    const field = item.querySelector(".stepper__input");
    if (!field) say(`${item.dataset.name} 账上没有了。`);
    else if (step(field, 1) === null) say(`${item.dataset.name} 加了一件。`);
  } else if (isCard(text)) {
    restore();
    card.value = text;
    look();
  } else if (looksLikeBarcode(text)) {
    restore();
    say("这家店没有这个条码的商品。");
  } else return false;
  return true;
}

async function enter() {
  if (!(await look())) return card.focus();
  if (chosen(form).length) form.querySelector("[type=submit]").focus();
  else form.querySelector(".stepper__input")?.focus();
}

// Whose card it is, as far as the slice says, and whether it is good for anything.
async function look() {
  card.value = card.value.normalize("NFKC").trim().toUpperCase();
  forget();
  if (!card.value || !slice) return false;
  const found = await known(slice, card.value);
  const used = found && sales.some((sale) => sale.share === found.share);
  if (!found) part("who").textContent = "这张卡不在备用额度里，请等网络恢复后再办。";
  else if (used) part("who").textContent = `居民 ${found.name}：今天断网时已经兑换过一次，请等网络恢复后再办。`;
  else part("who").textContent = `居民 ${found.name}，断网时最多 ${found.points} 分`;
  part("who").classList.toggle("till__problem", !found || used);
  who = found && !used ? found : null;
  if (!who) playOutcome("refused");
  return Boolean(who);
}

function forget() {
  who = null;
  part("who").textContent = "";
}

async function sell() {
  const lines = chosen(form);
  const total = lines.reduce((sum, line) => sum + line.points, 0);
  if (!who && !(await look())) return card.focus();
  if (!lines.length) return say("请选商品。");
  if (total > who.points) return refuse(`断网时这张卡最多 ${who.points} 分，请减少商品。`);
  if (isOver(slice)) return refresh();
  const { share, name } = who;
  who = null; // the second press of an impatient thumb finds nobody
  try {
    const sale = await addSale({ shop, slice: slice.slice, share, name, total, lines: goods(), sold_at: new Date().toISOString(), said: null });
    clearBasket(form);
    card.value = "";
    forget();
    say("");
    showReceipt(sale);
    playOutcome("ok");
    scrollTo({ top: 0 });
  } catch {
    refuse("没有记下来：这张卡可能刚在另一个窗口用过。请核对下面的列表。");
  }
  await refresh();
  if (hasKeyboard) card.focus();
  if (reached) bring();
}

function goods() {
  return [...form.querySelectorAll("[data-item]")].flatMap((item) => {
    const quantity = Number(item.querySelector("input")?.value || 0);
    return quantity ? [{ id: item.dataset.id, name: item.dataset.name, quantity, points: Number(item.dataset.points) }] : [];
  });
}

function refuse(sentence) {
  say(sentence);
  playOutcome("refused");
}

function clear() {
  if (card.value) {
    card.value = "";
    forget();
  } else clearBasket(form);
  card.focus();
}

function clicked(event) {
  const aside = event.target.closest("[data-aside]");
  if (aside) return deed(aside, () => putAside(at, sales.find((sale) => sale.nonce === aside.dataset.aside)));
  const stepper = event.target.closest("[data-step]");
  if (!stepper) return;
  step(stepper.closest("[data-item]").querySelector("input"), Number(stepper.dataset.step));
}

function step(field, by) {
  return choose(field, Math.max(0, Number(field.value || 0) + by));
}

function choose(field, wanted) {
  const left = setQuantity(field, wanted);
  if (left === null) say("");
  else say(left < MOST_OF_ONE ? `账上只剩 ${left} 件，都选上了。` : `一种商品一次最多 ${left} 件。`);
  showBasket(form);
  return left;
}

function say(sentence) {
  part("say").textContent = sentence;
}
