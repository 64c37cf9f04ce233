"""A sealed quarter that is the same on every machine, and the proof of one resident's lines."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from points_engine import (
    Period,
    Seal,
    Transfer,
    TransferKind,
    Unit,
    issuance,
    leaf_of,
    proof_document,
    red_account,
    row_of,
    till,
)
from points_engine.ledger import transfer_id
from points_engine.merkle import Roots, prove

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
TENANT = 7
SEALED_AT = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
BEFORE = bytes.fromhex("aa" * 32)
OPENED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def _named(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


COMMUNITY, SHOP, CLERK, SETTLER = map(_named, ("community", "shop", "clerk", "settler"))
LIN, WANG = map(_named, ("lin", "wang"))
PERIOD = Period(tenant_id=TENANT, community_id=COMMUNITY, quarter="2026Q1", secret=bytes(range(32)))


def earned(number: int, who: UUID, amount: int, balance: int) -> Transfer:
    """A service that was settled: one of the two makes a resident's balance grow."""
    booked_at = OPENED + timedelta(days=number)
    source = f"attendance:{_named(f'attendance {number}')}"
    return Transfer(
        id=transfer_id(TENANT, f"{source}:points"),
        kind=TransferKind.EARN,
        reference=f"{source}:points",
        source=source,
        debit=issuance(COMMUNITY, Unit.POINTS),
        credit=red_account(who, Unit.POINTS),
        amount=amount,
        community_id=COMMUNITY,
        occurred_on=booked_at.date(),
        booked_at=booked_at,
        actor_id=SETTLER,
        reason="",
        policy_version="2026-01",
        fact_id=_named(f"fact {number}"),
        credit_version=number + 1,
        credit_balance_after=balance,
    )


def redeemed(number: int, who: UUID, amount: int, balance: int) -> Transfer:
    """What somebody took home: the other."""
    booked_at = OPENED + timedelta(days=number)
    reference = f"redemption:{_named(f'redemption {number}')}"
    return Transfer(
        id=transfer_id(TENANT, reference),
        kind=TransferKind.REDEEM,
        reference=reference,
        source=reference,
        debit=red_account(who, Unit.POINTS),
        credit=till(SHOP),
        amount=amount,
        community_id=COMMUNITY,
        occurred_on=booked_at.date(),
        booked_at=booked_at,
        actor_id=CLERK,
        reason="兑换 大米 1 袋",
        debit_version=number + 1,
        debit_balance_after=balance,
    )


def transfers(count: int = 8) -> list[Transfer]:
    """The quarter: Lin and Wang take turns, and every third time something is redeemed."""
    made = [redeemed if number % 3 == 2 else earned for number in range(count)]
    return [
        make(number, (LIN, WANG)[number % 2], 10 + number, 100 + number)
        for number, make in enumerate(made)
    ]


def rows(count: int = 8) -> list[tuple]:
    """The same as the database would give it."""
    return [row_of(transfer, TENANT) for transfer in transfers(count)]


def seal(count: int = 8):
    return PERIOD.seal(rows(count), previous_root=BEFORE, sealed_at=SEALED_AT)


def proof(*places: int, count: int = 8) -> dict:
    """The proof of the transfers at these places."""
    wanted = [transfers(count)[place].id for place in places]
    return PERIOD.prove(seal(count), rows(count), wanted)


def proof_of_one_in_many(place: int, count: int) -> dict:
    """The proof of one line in a quarter of many, of which only two are known by more than hash."""
    last = count - 1
    row, end = (row_of(one, TENANT) for one in (earned(1, LIN, 15, 115), redeemed(80, WANG, 9, 0)))
    line = leaf_of(row, place=place, secret=PERIOD.secret)
    end = leaf_of(end, place=last, secret=PERIOD.secret)
    known = {place: line.hash, last: end.hash}
    hashes = (known.get(number, number.to_bytes(32, "big")) for number in range(count))
    proven = prove(hashes, {place, last})
    sealed = Seal(
        tenant_id=TENANT,
        community_id=COMMUNITY,
        quarter="2026Q1",
        root=proven.root,
        leaf_count=count,
        first_transfer=UUID(int=1),
        last_transfer=UUID(end.id),
        previous_root=BEFORE,
        sealed_at=SEALED_AT,
    )
    return proof_document(sealed, [(line, proven.paths[place])], end=(end, proven.paths[last]))


def badly_sealed(rows):
    """The proof of all the rows of a quarter that was sealed by a program without scruples."""
    kept = [leaf_of(row, place=place, secret=PERIOD.secret) for place, row in enumerate(rows)]
    proven = Roots()
    paths = [[] for _ in kept]
    for leaf, path in zip(kept, paths, strict=True):
        proven.add(leaf.hash, path)
    seal = Seal(
        tenant_id=PERIOD.tenant_id,
        community_id=PERIOD.community_id,
        quarter=PERIOD.quarter,
        root=proven.finish(),
        leaf_count=len(kept),
        first_transfer=UUID(kept[0].id),
        last_transfer=UUID(kept[-1].id),
        previous_root=None,
        sealed_at=SEALED_AT,
    )
    lines = list(zip(kept, paths, strict=True))
    return proof_document(seal, lines, end=lines[-1])


def with_changes(document, *changes):
    """A copy, with values put at paths ("lines.0.place")."""
    changed = copy.deepcopy(document)
    for path, value in changes:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place = changed
        for step in way:
            place = place[step]
        place[last] = value
    return changed


def printed(document: dict) -> str:
    """A document as it lies in docs/examples."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":  # python -m tests.points_engine.sealed writes the examples anew
    EXAMPLES.mkdir(exist_ok=True)
    for name, document in (("proof.json", proof(0, 2, 4)), ("seal.json", seal().notice())):
        (EXAMPLES / name).write_text(printed(document), encoding="utf-8")
