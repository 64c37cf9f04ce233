"""How long a queue waits for the counter's screen, beside how long the sale takes over HTTP."""

from playwright.sync_api import expect

AT_MOST = 3  # times the sale's own time

WATCH = """() => {
  window.trace = {};
  addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.trace.entered = event.timeStamp;
  }, true);
  new MutationObserver(() => {
    if (document.body.innerText.includes("兑换成功")) window.trace.done ??= performance.now();
  }).observe(document.body, { childList: true, subtree: true });
}"""
TRACE = """() => {
  const sales = performance.getEntriesByType("resource").filter(
    (entry) => entry.initiatorType === "fetch" && /\\/counter\\/[0-9a-f-]+$/.test(entry.name)
  );
  return { screen: window.trace.done - window.trace.entered, http: sales.at(-1).duration };
}"""


def test_from_the_last_enter_to_done_is_hardly_longer_than_the_sale(till, phone, city, world):
    world.give(city.resident, 40)
    counter = till.open(f"/counter/{city.shop.id}")
    counter.get_by_label(city.rice.name, exact=True).fill("1")
    till.scan(phone.open("/redeem-code").get_by_label("兑换码数字").inner_text().replace(" ", ""))
    expect(counter.get_by_role("button", name="确认兑换")).to_be_focused()

    counter.evaluate(WATCH)
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("兑换成功")).to_be_visible()

    took = counter.evaluate(TRACE)
    print(f"{took['screen']:.0f} ms on the screen, {took['http']:.0f} ms over HTTP")  # noqa: T201 - figures
    assert took["screen"] <= AT_MOST * took["http"]
