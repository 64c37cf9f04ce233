"""A walk past every page, for whoever wants to look at each."""

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page

from app.identity.fields import Field
from tests.browser.city import City
from tests.browser.worker import Worker
from tests.support.hands import Hands
from tests.support.visitor import Visitor

Stop = tuple[str, Page]


def before_login(visitor: Visitor) -> Iterator[Stop]:
    yield "login", visitor.open("/login")
    yield "entrance", visitor.open("/enter")
    yield "staff login", visitor.open("/staff/login")
    visitor.page.get_by_label("用户名").fill("nobody")
    visitor.page.get_by_label("密码").fill("wrong")
    visitor.page.get_by_role("button", name="登录").click()
    visitor.page.get_by_role("alert").wait_for()
    yield "staff login refused", visitor.page


def of_the_resident(phone: Visitor, city: City, hands: Hands, worker: Worker) -> Iterator[Stop]:
    page, world = phone.page, city.world
    yield "me, empty", phone.open("/me")
    yield "passbook, empty", phone.open("/passbook")
    yield from of_ones_own_data(phone, city)
    yield "scan", phone.open("/scan")
    page.get_by_label("也可以输入码上的文字").fill("https://example.org/")
    page.get_by_role("button", name="就用这个").click()
    page.get_by_role("alert").wait_for()
    yield "scan refused", page
    yield "station", phone.open(f"/q/{world.code_of(city.station)}")
    page.get_by_role("button", name="饮水").click()
    page.get_by_role("heading", name="待结算").wait_for()
    yield "visited", page
    closed = world.station(name="清塘党群服务小屋", opens_minute=0, closes_minute=60)
    yield "station closed", phone.open(f"/q/{world.code_of(closed)}")
    yield "activities", phone.open("/activities")
    yield "activity", phone.open(f"/activities/{city.activity.id}")
    page.get_by_text("扫不了码").click()
    yield "activity unfolded", page
    yield "arrive", phone.open(f"/arrive/{world.venue_code(city.activity)}")
    page.locator("main").get_by_role("button", name="签到").click()
    page.get_by_text("签到成功").wait_for()
    yield "checked in", page
    yield "leave in vain", phone.open(f"/arrive/{world.venue_code(city.activity, 'out')}")
    yield "activity, in vain", phone.open(f"/activities/{city.activity.id}")
    hands.move(minutes=90)
    yield "activity, there", phone.open(f"/activities/{city.activity.id}")
    yield "leave", phone.open(f"/arrive/{world.venue_code(city.activity, 'out')}")
    page.locator("main").get_by_role("button", name="签退").click()
    page.get_by_text("服务 90 分钟").first.wait_for()
    yield "checked out", page
    yield "me, pending", phone.open("/me")
    yield "passbook, pending", phone.open("/passbook")
    worker.work()
    yield "me", phone.open("/me")
    yield "passbook", phone.open("/passbook")
    yield "activity, done", phone.open(f"/activities/{city.activity.id}")
    yield from of_somebody_in_a_hurry(phone, city)
    yield "redeem code", phone.open("/redeem-code")
    yield "not found", phone.open("/nothing-here")
    yield "staff only", phone.open("/counter")


def of_ones_own_data(phone: Visitor, city: City) -> Iterator[Stop]:
    yield "own data, none told", phone.open("/me/data")
    yield "asked to agree", phone.open("/me/consent?next=/me")
    yield "number, none told", phone.open("/me/phone")
    phone.page.get_by_label("手机号").fill("13912345678")
    phone.page.get_by_label("姓名").fill("欧阳静怡")
    phone.page.get_by_role("button", name="登记，请社区核对").click()
    phone.page.get_by_text("等社区核对").wait_for()
    yield "number, to be checked", phone.page
    yield "to be forgotten", phone.open("/me/erasure")
    phone.open("/redeem-code")
    yield "not to be forgotten now", phone.open("/me/erasure")
    city.world.know(city.resident, {Field.NAME: "欧阳静怡", Field.PHONE: "13812345678"})
    yield "own data", phone.open("/me/data")


def of_somebody_in_a_hurry(phone: Visitor, city: City) -> Iterator[Stop]:
    page, world, activity = phone.page, city.world, city.world.activity(title="楼道清洁")
    yield "leave before coming", phone.open(f"/arrive/{world.venue_code(activity, 'out')}")
    phone.open(f"/arrive/{world.venue_code(activity)}")
    page.locator("main").get_by_role("button", name="签到").click()
    page.get_by_text("签到成功").wait_for()
    phone.open(f"/arrive/{world.venue_code(activity, 'out')}")
    page.get_by_role("button", name="现在签退，这次不计分").click()
    page.get_by_role("heading", name="服务 0 分钟，满 30 分钟才计分").wait_for()
    yield "checked out in vain", page


def of_the_counter(till: Visitor, city: City, phone: Visitor) -> Iterator[Stop]:
    page = till.page
    yield "staff home", till.open("/staff")
    yield "counter", till.open("/counter")
    page.get_by_label("大米 2.5kg", exact=True).fill("1")
    page.get_by_label("居民的兑换码").fill("0000000000")
    page.get_by_role("button", name="确认兑换").click()
    page.get_by_role("alert").wait_for()
    yield "counter refused", page
    digits = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    page.get_by_label("居民的兑换码").fill(digits)
    page.get_by_role("button", name="确认兑换").click()
    page.get_by_text("兑换成功").wait_for()
    yield "counter done", page
    city.world.shop(name="清塘爱心志愿超市")
    yield "counters", till.open("/counter")
    yield "budget", till.open("/budget")


def of_the_stockroom(till: Visitor, city: City, checker: Visitor) -> Iterator[Stop]:
    """Rice is given, some of it is spilt, the rest is counted, and somebody else agrees."""
    page, at, rice = till.page, f"/staff/shops/{city.shop.id}", city.rice
    yield "shop", till.open("/staff/shops")
    yield "goods", till.open(f"{at}/goods")
    yield "new item", till.open(f"{at}/goods/new")
    yield "item", till.open(f"/staff/goods/{rice.id}")
    yield "purchase", till.open(f"{at}/purchase")
    till.open(f"{at}/donation")
    page.get_by_label("谁捐的").select_option("unit")
    page.get_by_label("姓名或单位名称").fill("玉器商会")
    page.locator(f"#qty-{rice.id}").fill("9")
    page.locator(f"#best-{rice.id}").fill(str(city.world.now().date() + timedelta(days=20)))
    yield "donation", page
    page.get_by_role("button", name="入库并开收据").click()
    page.get_by_text("已入库").wait_for()
    yield "taken in", page
    till.open(f"{at}/write-off")
    page.get_by_label("哪一批").select_option(str(city.world.batch_of(rice)))
    page.get_by_label("数量").fill("6")
    page.get_by_label("原因").fill("漏雨")
    page.get_by_role("button", name="报损").click()
    page.get_by_text("已提交复核").wait_for()
    yield "write-off", page
    yield "inbox", checker.open("/staff/stock-proposals")
    checker.page.get_by_role("button", name="同意").click()
    checker.page.get_by_text("没有等您复核的").wait_for()
    yield "inbox, empty", checker.page
    till.open(f"{at}/count")
    salt = city.world.batch_of(city.salt)
    page.locator(f"#counted-{salt}").fill("19")
    page.locator(f"#reason-{salt}").fill("少一袋")
    yield "count", page
    page.get_by_role("button", name="盘点完成").click()
    page.get_by_text("少一袋").wait_for()
    yield "counted", page
    yield "thanks", till.open(f"{at}/thanks")
    yield "shop, ending", till.open(at)


def of_the_venue(screen: Visitor, city: City) -> Iterator[Stop]:
    yield "secretary's home", screen.open("/staff")
    city.world.know(city.resident, {Field.NAME: "欧阳静怡", Field.PHONE: "13812345678"})
    yield "in full", screen.open(f"/staff/people/{city.resident.id}/data")
    yield "whereabouts", screen.open(f"/staff/people/{city.resident.id}/whereabouts")
    yield "numbers to check", screen.open("/staff/phones")
    yield "lists to keep", screen.open("/staff/lists")
    yield "arrivals, by staff", screen.open(f"/staff/activities/{city.activity.id}/arrivals")
    yield "passbook desk", screen.open("/staff/passbook")
    yield "venues", screen.open("/venue")
    yield "venue in", screen.open(f"/venue/{city.activity.id}")
    yield "venue out", screen.open(f"/venue/{city.activity.id}?kind=out")
    world = city.world
    later = world.now() + timedelta(hours=3)
    activity = world.activity(starts_at=later, ends_at=later + timedelta(hours=2))
    yield "venue, not open yet", screen.open(f"/venue/{activity.id}")


def of_the_books(till: Visitor, city: City, phone: Visitor) -> Iterator[Stop]:
    """A shop's books with a line in each, and the book of paper of somebody."""
    world, at = city.world, f"/staff/books/{city.shop.id}"
    world.accept(city.rice, 5, by=city.manager)
    world.give(city.resident, 4)
    yield "outlook", till.open(at)
    yield "donations", till.open(f"{at}/donations")
    yield "redemptions, none", till.open(f"{at}/redemptions")
    yield "paper book", phone.open("/passbook/paper")
    phone.page.get_by_role("button", name="印新的记录").click()
    phone.page.get_by_text("第 1 本第 1 页").wait_for()
    yield "page of the paper book", phone.page
    yield "paper book, printed", phone.open("/passbook/paper")
    phone.page.get_by_text("存折上印到的地方不一样").click()
    yield "paper book, unfolded", phone.page


def of_the_administrators(desk: Visitor, city: City, hands: Hands) -> Iterator[Stop]:
    """A security administrator at work: whoever signs in is taken through the whole of it."""
    page, world = desk.page, city.world
    yield "administrator's home", desk.open("/staff")
    yield "grants", desk.open("/staff/grants")
    yield "new grant, empty", desk.open("/staff/grants/new")
    page.get_by_label("给谁").fill(city.resident.display_name)
    page.get_by_role("button", name="查找").click()
    page.get_by_label("岗位").select_option("auditor")
    yield "new grant", page
    page.get_by_label("到哪一天止").fill(str(world.now().date() + timedelta(days=365)))
    page.get_by_label("事由").fill("年度审计")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("已经办好").wait_for()
    page.get_by_text("退回", exact=True).first.click()
    yield "grants, one proposed", page
    yield "devices of staff", desk.open("/me/devices")
    hands.move(minutes=6)
    desk.open("/staff/grants/new")
    page.get_by_role("link", name="确认身份").wait_for()
    yield "step-up wanted", page
    page.get_by_role("link", name="确认身份").click()
    page.get_by_label("密码").wait_for()
    yield "confirmation", page


def of_the_auditor(desk: Visitor) -> Iterator[Stop]:
    page = desk.open("/staff/audit")
    page.get_by_label("事项").select_option("role.propose")
    page.get_by_role("button", name="查看").click()
    page.get_by_text("提出市级岗位", exact=False).nth(1).wait_for()
    yield "audit", page


def of_the_system_administrator(desk: Visitor) -> Iterator[Stop]:
    page = desk.open("/staff/accounts")
    yield "accounts", page
    page.get_by_text("重设", exact=True).first.click()
    yield "accounts, unfolded", page
    page.get_by_role("button", name="重设密码").first.click()
    page.get_by_label("新密码").wait_for()
    yield "new password", page


def of_a_second_factor(desk: Visitor) -> Iterator[Stop]:
    """From the first sign-in, which leads here, to the recovery codes; who walks types the rest."""
    page = desk.page
    page.get_by_label("手工输入的文字").wait_for()
    yield "second factor", page
