/* Between a terminal and the service: how things stand, the slice, and the queue in its order. */
import { dropSlice, endSlice, keepSlice, salesOf, setSale, slicesOf, terminal } from "./offline-store.js";

const PATIENCE_MS = 15000;
const FINAL = "Refused-Finally"; // the service says so of a sale as it stands; whatever else is refused is tried again
const STALE = "form_stale"; // a token of another session, or of yesterday
const ASIDE = "再试也是一样，请点“转人工处理”，由另一位店长或者社区书记核对登记纸。";
const AGAIN = "会自己再试。";

export class Ended extends Error {} // the login
export class Away extends Error {} // the network, or the service
export class Refused extends Error {} // by the service, with its sentence
export class Astray extends Error {} // something answers that is not the service: a proxy, or the page of a hotspot

/* How things stand: the token of the forms, whose today's slice is, what became of the sales. */
async function ask(at) {
  return answered(`${at}/state?terminal=${await terminal()}`);
}

export async function grant(at) {
  const { csrf } = await ask(at);
  await keepSlice(await answered(`${at}/slice`, form({ csrf_token: csrf, terminal: await terminal() })));
}

export async function giveBack(at, slice) {
  const { csrf } = await ask(at);
  await comeBack(at, slice, csrf);
  await dropSlice(slice);
}

/* Have a sale that is refused kept by the service, for people to see to; only then it waits no more. */
export async function putAside(at, sale) {
  const { csrf } = await ask(at);
  const slice = (await slicesOf(sale.shop)).find((one) => one.id === sale.slice);
  const said = await answered(`${at}/strays`, form({ ...fieldsOf(sale, slice), name: sale.name, csrf_token: csrf }));
  await setSale({ ...sale, ...said, refused: false });
}

/* Send what waits, one after the other. In one tab at a time; the service would not mind two. */
export async function sync(at, shop, changed) {
  return navigator.locks.request(`sync ${shop}`, () => sendAll(at, shop, changed));
}

async function sendAll(at, shop, changed) {
  let state = await ask(at);
  const slices = new Map((await slicesOf(shop)).map((slice) => [slice.id, slice]));
  const queue = (await salesOf(shop)).filter((one) => one.state === "queued");
  const token = { csrf: state.csrf };
  for (const sale of queue) {
    await send(at, sale, slices.get(sale.slice), token);
    await changed();
  }
  if (queue.length) state = await ask(at);
  const told = new Map(state.sales.map((one) => [one.nonce, one]));
  for (const sale of await salesOf(shop)) {
    const ours = !sale.refused && sale.state !== "aside"; // or another sale goes by its number
    if (ours && told.has(sale.nonce)) await setSale({ ...sale, ...told.get(sale.nonce) });
  }
  for (const slice of slices.values()) await endSlice(slice, slice.id !== state.slice);
  await letGo(at, shop, state.csrf);
  await changed();
  return state;
}

async function send(at, sale, slice, token) {
  let { answer, said } = await post(at, sale, slice, token);
  if (said.code === STALE) {
    token.csrf = (await ask(at)).csrf;
    ({ answer, said } = await post(at, sale, slice, token));
  }
  // What is refused as it stands is no loss: it stays here, says why, and can be put aside.
  const refused = !answer.ok && answer.headers.has(FINAL);
  await setSale(answer.ok ? { ...sale, ...said, refused } : { ...sale, said: why(said, refused), refused });
}

async function post(at, sale, slice, { csrf }) {
  const answer = await reach(`${at}/sales`, form({ ...fieldsOf(sale, slice), csrf_token: csrf }));
  return { answer, said: await read(answer) };
}

function why({ code, detail }, refused) {
  if (refused) return `${detail}${ASIDE}`;
  return code === STALE ? `这次没有同步成，${AGAIN}` : `${detail}${AGAIN}`;
}

function fieldsOf({ nonce, share, place, sold_at, total, lines }, slice) {
  const fields = { slice: slice?.text ?? "", mac: slice?.mac ?? "", nonce, share, place, sold_at, total };
  for (const line of lines) fields[`qty-${line.id}`] = line.quantity;
  return fields;
}

// A slice of an earlier day is given back once all of it is there.
async function letGo(at, shop, csrf) {
  const queued = (await salesOf(shop)).filter((sale) => sale.state === "queued");
  for (const slice of await slicesOf(shop)) {
    if (Date.now() < Date.parse(slice.until) || queued.some((sale) => sale.slice === slice.id)) continue;
    try {
      await comeBack(at, slice.id, csrf);
    } catch (error) {
      if (error instanceof Refused) continue;
      throw error;
    }
    await dropSlice(slice.id);
  }
}

// The answer is the list of what waits, and no page of somebody else's.
async function comeBack(at, slice, csrf) {
  const answer = await reach(`${at}/slices/${slice}/return`, form({ csrf_token: csrf }));
  if (answer.ok && new URL(answer.url).pathname === `${at}/waiting`) return;
  throw new Refused((await read(answer)).detail);
}

async function answered(address, options) {
  const answer = await reach(address, options);
  const body = await read(answer);
  if (!answer.ok) throw new Refused(body.detail);
  return body;
}

// What the service says, be it a refusal. It answers scripts in JSON: a page is from somebody between us.
async function read(answer) {
  if (answer.status === 429 || answer.status >= 500) throw new Away();
  const body = await answer.json().catch(() => null);
  if (!body) throw new Astray(`连到的不是红色账户，收到的是别的网页（${answer.status}）。可能要先登录这里的无线网，或请管网络的人放行。没有同步的都还在，好了再点“现在同步”。`);
  return body;
}

async function reach(address, options) {
  if (!navigator.onLine) throw new Away();
  let answer;
  try {
    answer = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE_MS), headers: { Accept: "application/json" } });
  } catch {
    throw new Away();
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/staff/")) throw new Ended();
  return answer;
}

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return { method: "POST", body };
}
