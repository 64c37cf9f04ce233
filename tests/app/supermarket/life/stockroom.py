"""What happens behind the counters: goods come in, are lost, counted, and cost something else."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.app.supermarket.life.counter import now_and_then, some
from tests.app.supermarket.life.founding import (
    PENDING,
    TwoBooks,
    baskets,
    few,
    managers,
    places,
    seldom,
    shops,
)

keeps = st.sampled_from([None, None, -9, 0, 1, 2, 5, 30])
days_ago = st.sampled_from([0, 0, 0, 0, 3, -1])
wrong_by = st.sampled_from([0, 0, 0, 1, -1, -2, 3, -6])


class InTheStockroom(TwoBooks):
    @rule(
        shop=shops, by=managers, wanted=baskets,
        best=keeps, ago=days_ago, given=st.booleans(),
    )  # fmt: skip
    def receive(self, shop, by, wanted, best, ago, given):
        pieces = self.basket(shop, wanted)
        day = self.plain.today - timedelta(days=ago)
        until = None if best is None else self.plain.today + timedelta(days=best)
        why_not = self.plain.why_not_receive(day=day, best=until)
        best_before = until and until.isoformat()
        lines = [line | {"best_before": best_before} for line in self.lines(pieces)]
        said = {"day": day.isoformat(), "lines": lines}
        if given:
            said |= {"donor_kind": "unit", "donor_name": "供电所"}
        else:
            said |= {"source": "party_dues", "voucher": "2026-031"}
        path = f"/shops/{self.shops[shop].id}/{'donations' if given else 'purchases'}"
        if self.ask(why_not, path, by=self.who[by], **said):
            self.came(shop, pieces, best=until, day=day, kind="donation" if given else "purchase")

    def came(self, shop, pieces, *, best, day, kind):
        new = self.new_batches(shop)
        assert sorted(new.values()) == sorted(pieces)
        for id_, name in new.items():
            self.plain.receive(id_, name, quantity=pieces[name], best=best, kind=kind)
        if kind == "donation":
            self.plain.receive_gift(shop, day=day, quantity=sum(pieces.values()))

    @rule(place=places, by=managers, quantity=few)
    def write_off(self, place, by, quantity):
        id_, batch = some(self.plain.batches, place)
        why_not = self.plain.why_not_lose(id_, quantity)
        path, said = f"/batches/{id_}/write-offs", {"quantity": quantity, "reason": "受潮"}
        second = self.plain.needs_second(batch.goods, quantity)
        done = self.ask(why_not, path, by=self.who[by], **said)
        if done and second:
            assert done["state"] == "pending"
            made = UUID(done["proposal_id"])
            self.plain.propose(made, id_, kind="write_off", delta=-quantity)
        elif done:
            assert done["state"] == "booked"
            self.plain.lose(id_, quantity)

    @rule(
        shop=shops, by=managers, place=places, stale=seldom,
        wrong=st.lists(wrong_by, min_size=1, max_size=3),
    )  # fmt: skip
    def count(self, shop, by, place, stale, wrong):
        here = self.on_shelves_of(shop)
        first = place % len(here)
        book = {id_: self.plain.batches[id_].on_hand for id_ in here[first : first + len(wrong)]}
        counted = {
            id_: max(0, on_hand + off)
            for (id_, on_hand), off in zip(book.items(), wrong, strict=False)
        }
        why_not = self.plain.why_not_count(counted, stale=stale)
        lines = [
            {
                "batch_id": str(id_),
                "expected": book[id_] + stale,
                "counted": there,
                "reason": "找不到",
            }
            for id_, there in counted.items()
        ]
        path = f"/shops/{self.shops[shop].id}/counts"
        found, asked = self.plain.differences(counted)
        taken = self.ask(why_not, path, by=self.who[by], lines=lines)
        if taken:
            assert taken["differences"] == len(found)
            self.counted_as_said(found, asked)

    def on_shelves_of(self, shop):
        goods = self.plain.goods
        return [id_ for id_, one in self.plain.batches.items() if goods[one.goods].shop == shop]

    def counted_as_said(self, found, asked):
        with self.world.own() as session:
            pending = {row[1]: row[0] for row in session.execute(PENDING)}
        for id_, delta in found.items():
            if id_ in asked:
                self.plain.propose(pending[id_], id_, kind="count", delta=delta)
            else:
                self.plain.correct(id_, delta, "count")

    @precondition(lambda self: self.plain.proposals)
    @rule(place=places, approved=st.booleans())
    def decide(self, place, approved):
        id_, _ = some(self.plain.proposals, place)
        why_not = self.plain.why_not_decide(id_, approved=approved)
        path = f"/stock-proposals/{id_}/decision"
        said = {"approved": approved, "reason": "" if approved else "再找找"}
        if self.ask(why_not, path, by=self.secretary, once=False, **said):
            self.plain.decide(id_, approved=approved)

    @now_and_then
    @rule(place=places, by=managers, points=st.integers(3, 24), days=st.sampled_from([6, 7, 7, 9]))
    def reprice(self, place, by, points, days):
        name, _ = some(self.plain.goods, place)
        self.reprice_one(name, by, points=points, days=days)

    def reprice_one(self, name, by, *, points, days):
        day = self.plain.today + timedelta(days=days)
        why_not = self.plain.why_not_reprice(name, day)
        path = f"/items/{self.goods[name].id}/prices"
        said = {"points": points, "valid_from": day.isoformat()}
        if self.ask(why_not, path, by=self.who[by], once=False, **said):
            self.plain.reprice(name, day, points)
