"""What the ledger must say of everybody's points, kept with nothing but dictionaries and numbers.

Points come in lots with a last day and go out of those that end first. What is held stays with
its lots, and comes back to them, or for a grace where they have ended meanwhile.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from tests.app.supermarket.life.plain_stock import off_the_front

MONTHS = 2  # in this city points are good for so long
GRACE = timedelta(days=30)


@dataclass(kw_only=True)
class Lot:
    who: str
    last_day: date
    left: int
    held: int = 0

    @property
    def free(self):
        return self.left - self.held


def last_day_of(earned_on):
    """Two months later, or the end of a month that is shorter."""
    years, month = divmod(earned_on.month - 1 + MONTHS, 12)
    year = earned_on.year + years
    return date(year, month + 1, min(earned_on.day, monthrange(year, month + 1)[1]))


class PlainPoints:
    """Lots by the id that the ledger gave them: of two that end together the lesser goes first."""

    def __init__(self):
        self.lots = {}

    def earn(self, id_, who, points, *, earned_on, today):
        last_day = last_day_of(earned_on)
        last_day = last_day if last_day >= today else today + GRACE
        self.lots[id_] = Lot(who=who, last_day=last_day, left=points)

    # Sums.

    def free(self, who, today):
        return sum(one.free for one in self._of(who) if one.last_day >= today)

    def held(self, who):
        return sum(one.held for one in self._of(who))

    def lapsed(self, who, today):
        """What nobody has booked out yet."""
        return sum(one.free for one in self._of(who) if one.last_day < today)

    def all(self, who):
        return sum(one.left for one in self._of(who))

    def _of(self, who):
        return [one for one in self.lots.values() if one.who == who]

    def in_row(self, ids):
        return sorted(ids, key=lambda id_: (self.lots[id_].last_day, id_))

    # Moves.

    def _first_out(self, who, points, today):
        good = [id_ for id_, one in self.lots.items() if one.who == who and one.last_day >= today]
        out = off_the_front({id_: self.lots[id_].free for id_ in self.in_row(good)}, points)
        assert out.total() == points
        return out

    def spend(self, who, points, today):
        """Out of which lots it goes."""
        out = self._first_out(who, points, today)
        for id_, some in out.items():
            self.lots[id_].left -= some
        return out

    def hold(self, who, points, today):
        pins = self._first_out(who, points, today)
        for id_, some in pins.items():
            self.lots[id_].held += some
        return pins

    def let_go(self, pins, today, *, paid=0):
        """Some of what is held is paid, and the rest is free again; out of which lots it was paid.

        Of a lot that has ended meanwhile what was held lives for the grace; what was free of it
        has lapsed, and is booked out before the two are one.
        """
        out = off_the_front({id_: pins[id_] for id_ in self.in_row(pins)}, paid)
        for id_, pinned in pins.items():
            lot, lapsed = self.lots[id_], self.lots[id_].free
            lot.held -= pinned
            lot.left -= out[id_]
            if pinned > out[id_] and lot.last_day < today:
                lot.left -= lapsed
                lot.last_day = today + GRACE
        return out

    def give_back(self, paid, today):
        """Back into the lots it came from; how much belongs in a new one, for the grace."""
        late = 0
        for id_, some in paid.items():
            if self.lots[id_].last_day >= today + GRACE:
                self.lots[id_].left += some
            else:
                late += some
        return late

    def live_on(self, id_, who, points, today):
        self.lots[id_] = Lot(who=who, last_day=today + GRACE, left=points)

    def lapse(self, today):
        """What the night books out."""
        for one in self.lots.values():
            if one.last_day < today:
                one.left -= one.free
