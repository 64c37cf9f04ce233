"""A sheet: what a settled batch writes, column by column, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import OwnerKind, Unit, issuance
from points_engine.awards import Award
from points_engine.expiring import CHINA
from points_engine.identifiers import Family, told
from points_engine.lots import first_last_day
from points_engine.periods import open_quarter
from points_engine.postgres.arrays import codes, numbers, plain, texts
from points_engine.postgres.database import Database, run
from points_engine.rules.verdict import Reason

_RED_ACCOUNT = {unit: told(unit, "red_account") for unit in Unit}
_UNITS = [unit.value for unit in Unit]
_REASONS = [reason.value for reason in Reason]
_UNIT_NUMBER = {unit: number for number, unit in enumerate(Unit, start=1)}
_REASON_NUMBER = {reason: number for number, reason in enumerate(Reason, start=1)}

# A booking has one leg on a guarded account. It takes the next version of that account, and the
# balance it leaves behind is the balance so far plus the legs up to it: how many legs and how
# much that is, the sheet has counted.
_WRITE = sa.text("""
    WITH award AS MATERIALIZED (
        SELECT (CAST(:fact_id AS uuid[]))[place] AS fact_id, a.*
        FROM unnest(
            CAST(:place AS int[]), CAST(:unit AS int[]), CAST(:rule AS int[]),
            CAST(:raw AS bigint[]), CAST(:granted AS bigint[]), CAST(:reason AS int[]),
            CAST(:bound AS text[]), CAST(:caps AS text[]), CAST(:id AS uuid[]),
            CAST(:account_id AS uuid[]), CAST(:turn AS int[]), CAST(:so_far AS bigint[]),
            CAST(:source AS text[]), CAST(:quarter AS int[]), CAST(:expires_on AS date[])
        ) AS a(
            place, unit, rule, raw, granted, reason, bound, caps, id, account_id, turn, so_far,
            source, quarter, expires_on
        )
    ), decided AS (
        INSERT INTO decision (
            tenant_id, fact_id, unit, rule_id, policy_version, raw, granted, reason, bound, caps,
            decided_at
        )
        SELECT :tenant_id, fact_id, (CAST(:units AS text[]))[unit],
               (CAST(:rule_ids AS text[]))[rule], (CAST(:versions AS text[]))[rule],
               raw, granted, (CAST(:reasons AS text[]))[reason], bound,
               string_to_array(caps, ' '), :booked_at
        FROM award
    ), booked AS (
        INSERT INTO transfer (
            tenant_id, id, kind, reference, source, unit, debit_account_id, credit_account_id,
            amount, fact_id, policy_version, community_id, quarter, occurred_on, booked_at,
            actor_id, reason,
            debit_version, debit_balance_after, credit_version, credit_balance_after
        )
        SELECT :tenant_id, award.id, CASE WHEN granted > 0 THEN 'earn' ELSE 'penalty' END,
               source || ':' || account.unit, source, account.unit,
               CASE WHEN granted > 0 THEN (CAST(:issuance AS uuid[]))[award.unit]
                    ELSE account.id END,
               CASE WHEN granted > 0 THEN account.id
                    ELSE (CAST(:issuance AS uuid[]))[award.unit] END,
               abs(granted), fact_id, (CAST(:versions AS text[]))[rule], :community_id,
               (CAST(:quarters AS text[]))[quarter], (CAST(:occurred_on AS date[]))[place],
               :booked_at, (CAST(:actor_id AS uuid[]))[place], '',
               CASE WHEN granted < 0 THEN version + turn END,
               CASE WHEN granted < 0 THEN posted + so_far END,
               CASE WHEN granted > 0 THEN version + turn END,
               CASE WHEN granted > 0 THEN posted + so_far END
        FROM award
        JOIN account ON account.tenant_id = :tenant_id AND account.id = award.account_id
        WHERE award.id IS NOT NULL
    ), parcelled AS (
        INSERT INTO lot (
            tenant_id, id, account_id, community_id, earned_on, expires_on, original, remaining
        )
        SELECT :tenant_id, id, account_id, :community_id, (CAST(:occurred_on AS date[]))[place],
               expires_on, granted, granted
        FROM award WHERE unit = :points AND id IS NOT NULL
    ), counted AS (
        INSERT INTO cap_usage AS known (tenant_id, key, used, allowed, last_booked_at)
        SELECT :tenant_id, key, used, allowed, :booked_at
        FROM unnest(CAST(:cap_key AS text[]), CAST(:cap_used AS bigint[]),
                    CAST(:cap_allowed AS bigint[])) AS usage(key, used, allowed)
        ORDER BY key
        ON CONFLICT (tenant_id, key) DO UPDATE
        SET used = excluded.used, allowed = greatest(known.allowed, excluded.allowed),
            last_booked_at = excluded.last_booked_at
    ), moved AS (
        UPDATE account
        SET posted = posted + total.amount, version = version + total.turns,
            last_booked_at = :booked_at
        FROM unnest(
            CAST(:t_account_id AS uuid[]), CAST(:t_amount AS bigint[]), CAST(:t_turns AS int[])
        ) AS total(account_id, amount, turns)
        WHERE account.tenant_id = :tenant_id AND account.id = total.account_id
    )
    DELETE FROM settle_queue
    WHERE tenant_id = :tenant_id AND fact_id = ANY(CAST(:done AS uuid[]))
""")


class Sheet:
    """The awards of one batch, and what has to be locked before they can be granted."""

    def __init__(
        self,
        tenant_id: int,
        community_id: UUID,
        rows: Sequence[sa.Row[Any]],
        *,
        awards: Sequence[Award],
    ) -> None:
        self._tenant_id = tenant_id
        self._community_id = community_id
        self._rows = rows
        self._decided = awards
        self.limits: dict[str, int] = {}
        self.used: dict[str, int] = {}
        # By (unit, owner), in the order of first use, the guarded accounts that may move.
        self._accounts: dict[tuple[Unit, str], str] = {}
        people = Family(tenant_id, "account", OwnerKind.PERSON)
        households = Family(tenant_id, "account", OwnerKind.HOUSEHOLD)
        self._account_of = [
            self._account(award, people, households) if award.granted else None for award in awards
        ]

    @property
    def guarded(self) -> list[str]:
        """The identifiers of the accounts to be locked."""
        return list(self._accounts.values())

    @property
    def others(self) -> list[str]:
        """The identifiers of the community's own accounts: they must be there, and no more."""
        return [str(self._ours(unit)) for unit in self._units()]

    @property
    def transfers(self) -> int:
        """How many awards move something, the caps considered."""
        return sum([award.granted != 0 for award in self._decided])

    def accounts(self) -> dict[str, str]:
        """The columns of every account the batch may need, the community's own included."""
        theirs = list(self._accounts)
        units, ours = self._units(), self.others
        return {
            "id": codes([*self._accounts.values(), *ours]),
            "owner_kind": plain([*map(_owner_kind, theirs), *["community"] * len(ours)]),
            "owner_id": plain([*[owner for _, owner in theirs], *[self._community_id] * len(ours)]),
            "unit": plain([unit.value for unit in [*[unit for unit, _ in theirs], *units]]),
            "code": plain([*["red_account"] * len(theirs), *["issuance"] * len(ours)]),
            "guarded": plain([*["true"] * len(theirs), *["false"] * len(ours)]),
            "may_owe": plain([*[unit is Unit.WORK for unit, _ in theirs], *[False] * len(ours)]),
        }

    def _units(self) -> list[Unit]:
        return list(dict.fromkeys([unit for unit, _ in self._accounts]))

    def write(self, database: Database, booked_at: datetime, ended: frozenset[str]) -> None:
        """Decisions, transfers, lots, balances, caps and the queue, all of it or nothing."""
        rules: dict[tuple[str, str], int] = {}
        run(
            database,
            _WRITE,
            tenant_id=self._tenant_id,
            community_id=self._community_id,
            booked_at=booked_at,
            units=_UNITS,
            reasons=_REASONS,
            points=_UNIT_NUMBER[Unit.POINTS],
            issuance=plain([self._ours(unit) for unit in Unit]),
            fact_id=codes([row.id for row in self._rows]),
            actor_id=codes([row.actor_id for row in self._rows]),
            occurred_on=plain([row.occurred_on for row in self._rows]),
            done=codes(
                [self._rows[place].id for place in {award.place for award in self._decided}]
            ),
            cap_key=texts(self.used),
            cap_used=numbers(self.used.values()),
            # What was used under a wider limit stays allowed when a later batch has a narrower one.
            cap_allowed=numbers([max(self.limits[key], used) for key, used in self.used.items()]),
            **self._decisions(rules),
            rule_ids=[rule for rule, _ in rules],
            versions=[version for _, version in rules],
            **self._legs(booked_at),
            **self._quarters(ended),
        )

    def _decisions(self, rules: dict[tuple[str, str], int]) -> dict[str, str]:
        """One row an award; `rules` learns the number by which each rule is told."""
        awards = self._decided
        rule = [
            rules.setdefault((award.rule_id, award.policy_version), len(rules) + 1)
            for award in awards
        ]
        return {
            "place": numbers([award.place + 1 for award in awards]),
            "unit": numbers([_UNIT_NUMBER[award.unit] for award in awards]),
            "rule": numbers(rule),
            "raw": numbers([award.raw for award in awards]),
            "granted": numbers([award.granted for award in awards]),
            "reason": numbers([_REASON_NUMBER[award.reason] for award in awards]),
            "bound": texts([award.bound for award in awards]),
            "caps": texts([" ".join(award.cap_keys) if award.caps else "" for award in awards]),
        }

    def _legs(self, booked_at: datetime) -> dict[str, str]:
        """What each award books, nothing where it moves nothing; and each account's total."""
        rows, transfer_id = self._rows, Family(self._tenant_id, "transfer").hex
        totals: dict[str, list[int]] = {}
        ids, accounts, turns, so_far = [], [], [], []
        for award, account in zip(self._decided, self._account_of, strict=True):
            if account is None or not award.granted:
                ids.append("NULL")
                accounts.append("NULL")
                turns.append(0)
                so_far.append(0)
                continue
            total = totals.setdefault(account, [0, 0])
            total[0] += 1
            total[1] += award.granted
            ids.append(transfer_id(f"{rows[award.place].source}:{award.unit}"))
            accounts.append(account)
            turns.append(total[0])
            so_far.append(total[1])
        day = booked_at.astimezone(CHINA).date()
        lasts = [first_last_day(award.expires_on, day) for award in self._decided]
        return {
            "id": codes(ids),
            "account_id": codes(accounts),
            "turn": numbers(turns),
            "so_far": numbers(so_far),
            "source": texts([rows[award.place].source for award in self._decided]),
            "expires_on": plain(lasts),
            "t_account_id": codes(totals),
            "t_turns": numbers([count for count, _ in totals.values()]),
            "t_amount": numbers([amount for _, amount in totals.values()]),
        }

    def _quarters(self, ended: frozenset[str]) -> dict[str, object]:
        """In which quarter each award counts. A batch has few days, and many facts of each."""
        days = [self._rows[award.place].occurred_on for award in self._decided]
        quarters = {day: open_quarter(day, ended) for day in dict.fromkeys(days)}
        listed = list(dict.fromkeys(quarters.values()))
        number = {day: listed.index(quarter) + 1 for day, quarter in quarters.items()}
        return {"quarters": listed, "quarter": numbers([number[day] for day in days])}

    def _account(self, award: Award, people: Family, households: Family) -> str:
        unit, row = award.unit, self._rows[award.place]
        owner: str = row.household_id if unit is Unit.HOUSEHOLD else row.beneficiary_id
        found = self._accounts.get((unit, owner))
        if found is None:
            family = households if unit is Unit.HOUSEHOLD else people
            found = self._accounts[unit, owner] = family.hex(owner, _RED_ACCOUNT[unit])
        return found

    def _ours(self, unit: Unit) -> UUID:
        return issuance(self._community_id, unit).id_in(self._tenant_id)


def _owner_kind(account: tuple[Unit, str]) -> str:
    kind = OwnerKind.HOUSEHOLD if account[0] is Unit.HOUSEHOLD else OwnerKind.PERSON
    return kind.value
