"""A WeChat that knows the city's mini-program and its templates, and the worker that sends."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.core.telling.models import Notice, NoticeSending
from app.notices import jobs
from app.notices.models import CallLine
from app.wechat import queries as wechat_queries
from app.wechat import services as wechat
from app.wechat import templates
from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.services import Right
from app.wechat.standin import DEMO_SECRET, DEMO_TEMPLATES, RegisteredApp
from app.wechat.standin.registry import demo_templates
from tests.app.wechat.support import in_process
from tests.support.serving import PATIENT

OURS = templates.read(DEMO_TEMPLATES)
SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def sim(world, hands, monkeypatch):
    """WeChat, as the city's mini-program finds it."""
    registered = RegisteredApp(appid=world.appid, templates=demo_templates())
    with in_process(hands, registered=registered) as sim:
        outfit = Outfit(now=hands, monotonic=hands.monotonic, templates=OURS, budget=PATIENT)
        client = WechatClient(
            world.appid, DEMO_SECRET, base_url=sim.url, transport=sim.transport, outfit=outfit
        )
        monkeypatch.setitem(world.app.extensions["super_apps"], ("wechat", world.appid), client)
        yield sim


class Post:
    """Tells people things, lets the worker send them, and looks what became of them."""

    def __init__(self, world, settings):
        self.world, self._settings = world, settings

    @contextmanager
    def as_worker(self):
        with self.world.as_worker():
            yield

    def tell(self, person, template="points_expiring", *, about="it", **words):
        return self.world.tell(person, template, about=about, **words)

    def send(self):
        with self.as_worker():
            return jobs.send_of_tenant(self.world.tenant_id)

    def send_by_many(self, workers):
        """Several workers at once, each with connections of its own."""

        def work(_number):
            with self.world.app.app_context():
                return jobs.send_of_tenant(self.world.tenant_id)

        with self.as_worker(), ThreadPoolExecutor(workers) as pool:
            return sum(pool.map(work, range(workers)))

    def agree(self, person, template="points_expiring", *, at=None):
        """The person allows one message, to us and (where it is given) to WeChat."""
        right = self.right(person, template)
        with self.world.work() as session:
            wechat.agree(session, right, now=self.world.now())
        if at is not None:
            at.phone_login(self.world.openid_of(person))
            at.answer_popup(self.world.openid_of(person), **{right.template_id: "accept"})

    def right(self, person, template="points_expiring"):
        return Right(
            appid=self.world.appid,
            subject_blind=self.world.blind_of(self.world.openid_of(person)),
            template_id=OURS[template].id,
        )

    def rights(self, person):
        blind = self.world.blind_of(self.world.openid_of(person))
        with self.world.work() as session:
            found = wechat_queries.rights_of(session, appid=self.world.appid, subject_blind=blind)
        return sum(found.values())

    def states(self):
        return self._column(sa.select(NoticeSending.state).order_by(NoticeSending.id))

    def lines(self):
        query = sa.select(CallLine).order_by(CallLine.id)
        return [(line.missed, line.step, line.state) for line in self._column(query)]

    def notices(self):
        return self._column(sa.select(Notice).order_by(Notice.id))

    def _column(self, query):
        with self.world.work() as session:
            return list(session.scalars(query))


@pytest.fixture
def post(world, settings):
    return Post(world, settings)


@pytest.fixture
def elder(world):
    """Somebody without WeChat."""
    return world.without_wechat()


@pytest.fixture
def grid_worker(world):
    return world.staff("grid_worker", name="小周")
