"""How the two engines' quarters end: publicised, and then sealed."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.points_engine.town_earning import seldom
from tests.points_engine.town_life import TwoEngines, places, towns

quarters = st.sampled_from(["2025Q4", "2026Q1", "2026Q1", "2026Q2"])
SECRET = bytes(range(32))


class Quarters(TwoEngines):
    @rule(town=towns, quarter=quarters)
    def publicise(self, town, quarter):
        # Hours after everything that was booked, and before everything that will be: see `publish`.
        self.now += timedelta(hours=4)
        self.both(
            lambda engine: engine.publicise(town.community, quarter, on=self.today, at=self.now)
        )
        self.now += timedelta(hours=4)

    @rule(town=towns, quarter=quarters, place=places, anyone=seldom)
    def close(self, town, quarter, place, anyone):
        ended = sorted(self.memory._state.periods)
        if not anyone and ended:
            community, quarter = ended[place % len(ended)]
        else:
            community = town.community
        self.keep()
        self.both(lambda engine: engine.close(community, quarter, at=self.now, secret=SECRET))
        self.both(lambda engine: engine.seals(community))
