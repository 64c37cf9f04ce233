"""A queue of thirty people: what one ordinary sale asks of the database stays little."""

import pytest
from sqlalchemy import event

ORDINARY = [
    "SET LOCAL ROLE",
    "SELECT session",  # who asks, and what they may
    "SELECT shop",  # all that has to be known
    "SELECT debit_version",  # the engine pays
    "WITH wanted",  # all that is written
]


@pytest.fixture
def said(app):
    """What the application says to the database from here on."""
    statements, engine = [], app.extensions["database"].engine

    def hear(_connection, _cursor, statement, *_rest):
        statements.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", hear)
    yield statements
    event.remove(engine, "before_cursor_execute", hear)


def test_an_ordinary_sale_is_five_statements(api, world, counter, said):
    soap = world.item(counter.shop, name="肥皂", points=2, stock=9)
    salt = world.item(counter.shop, name="盐", points=4, stock=9)
    first, second = (counter.code(world.person(points=40)) for _ in range(2))
    counter.redeem(first)  # the shop's till is opened by its first sale

    said.clear()
    lines = [{"item_id": str(item.id), "quantity": 1} for item in (salt, soap)]
    sold = api.post(counter.path, as_=counter.manager, key=second, redeem_code=second, lines=lines)

    assert sold.status_code == 201
    assert [
        next((known for known in ORDINARY if one.startswith(known)), one) for one in said
    ] == ORDINARY
