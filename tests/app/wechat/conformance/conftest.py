"""The same stand-in twice, and a client that is set up as ours is."""

import pytest

from app.wechat.links import LinkRule
from app.wechat.standin import DEMO_PUSH_AES_KEY, DEMO_PUSH_TOKEN, RegisteredApp
from app.wechat.standin.registry import KnownTemplate
from app.wechat.templates import Template
from tests.app.wechat.support import in_process, running

WAYS = {"over a socket": running, "in one process": in_process}
THING = "tmplThing00000000000000000000000000000000001"
MIXED = "tmplMixed00000000000000000000000000000000002"
LASTING = "tmplLasting000000000000000000000000000000003"
KNOWN = {
    THING: KnownTemplate(fields=("thing1",)),
    MIXED: KnownTemplate(fields=("thing1", "phrase2", "character_string3", "time4")),
    LASTING: KnownTemplate(fields=("thing1",), lasting=True),
}
OURS = {
    "thing": Template(id=THING, page="pages/index/index", fields={"thing1": "what"}),
    "mixed": Template(
        id=MIXED,
        page="pages/index/index",
        fields={
            "thing1": "what",
            "phrase2": "state",
            "character_string3": "number",
            "time4": "at",
        },
    ),
    "lasting": Template(
        id=LASTING, page="pages/index/index", fields={"thing1": "what"}, lasting=True
    ),
    "unknown": Template(id="nobodysTemplate", page="pages/index/index", fields={"thing1": "what"}),
}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture
def sim(way, clock):
    with way(clock, registered=RegisteredApp(templates=KNOWN)) as sim:
        yield sim


@pytest.fixture
def client(connect):
    return connect(
        templates=OURS,
        links=LinkRule("https://red.example/q/"),
        push_token=DEMO_PUSH_TOKEN,
        push_aes_key=DEMO_PUSH_AES_KEY,
    )
