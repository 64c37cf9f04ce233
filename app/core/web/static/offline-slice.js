/* A slice as the page reads it: whose card it knows, what there is to give, and until when. */
export function reading({ text, ended }) {
  return { ...JSON.parse(text), ended };
}

export function isOver(slice) {
  return slice.ended || Date.now() >= Date.parse(slice.until);
}

/* What the slice knows of a card, or null. The number itself is not in it: a slow digest is. */
export async function known(slice, number) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(number), "PBKDF2", false, ["deriveBits"]);
  const salt = Uint8Array.from(slice.salt.match(/../g), (pair) => parseInt(pair, 16));
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: slice.rounds }, key, 128);
  const digest = [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return slice.cards[digest] ?? null;
}

/* The goods with what is left of them after the sales of this terminal. */
export function goodsLeft(slice, sales) {
  const gone = new Map();
  for (const line of sales.filter((sale) => sale.slice === slice.slice).flatMap((sale) => sale.lines)) {
    gone.set(line.id, (gone.get(line.id) ?? 0) + line.quantity);
  }
  return slice.goods.map((one) => ({ ...one, available: Math.max(0, one.available - (gone.get(one.id) ?? 0)) }));
}
