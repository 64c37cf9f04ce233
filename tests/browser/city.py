"""The people and places the browser tests are about."""

from dataclasses import dataclass, field

from app.activities.models import Activity
from app.identity import elsewhere
from app.identity.elsewhere import Known
from app.identity.models import Person
from app.stations.models import Station
from app.supermarket.models import Item, Shop
from app.wechat.demo import DEMO_PREFIX
from tests.support.world import World

PASSWORD = "柜台的口令"
SERVICES = ["rest", "water", "charging", "policy_advice"]


@dataclass(kw_only=True)
class City:
    """A resident with a phone, a station, an activity that runs, and a shop with its manager."""

    world: World
    resident: Person = field(init=False)
    manager: Person = field(init=False)
    manager_name: str = field(init=False)
    secretary: Person = field(init=False)
    station: Station = field(init=False)
    activity: Activity = field(init=False)
    shop: Shop = field(init=False)
    rice: Item = field(init=False)
    salt: Item = field(init=False)
    soap: Item = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        self.resident = world.person("林小燕")
        self.carry_phone(self.resident, number=1)
        self.manager = world.staff("shop_manager", name="汤店长")
        self.manager_name = world.employ(self.manager, password=PASSWORD)
        self.secretary = world.staff("community_secretary", name="方书记")
        self.station = world.station(
            name="明德“邻里先锋”驿站", address="东城街道明德路 36 号", services=SERVICES
        )
        self.activity = world.activity(title="小区环境卫生整治", place="明德花园中心广场")
        self.shop = world.shop(name="明德爱心志愿超市")
        self.rice = world.item(self.shop, name="大米 2.5kg", points=16, stock=3)
        self.salt = world.item(self.shop, name="食用盐", points=4, stock=20)
        self.soap = world.item(self.shop, name="香皂", points=6, stock=0)

    def carry_phone(self, person: Person, *, number: int) -> None:
        """Let the login page of the demo offer this person."""
        subject = f"{DEMO_PREFIX}Resident{number:02d}"
        known = Known(platform="wechat", appid=self.world.appid, subject=subject)
        with self.world.work() as session:
            elsewhere.vouch(
                session, self.world.app.extensions["vault"], person_id=person.id, known=known
            )

    def station_address(self, base: str) -> str:
        """What the QR code on the station's wall says."""
        return f"{base}/q/{self.world.code_of(self.station)}"
