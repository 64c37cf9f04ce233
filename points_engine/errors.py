"""Everything the engine refuses, as one tree with stable codes.

PointsError
├── FactInvalid           a fact that cannot have happened as told
├── TransferInvalid       a movement that would not balance: a programmer's mistake
├── PolicyInvalid         a policy document that does not say what it means
├── PolicyConflict        a published version would be published again with other words
├── SourceConflict        a source is already known with another content
├── ReferenceConflict     a reference is already used for another movement
├── PeriodNotReady        a quarter cannot be publicised, closed or proved yet
├── PeriodBusy            somebody may still be booking into a quarter that is to be closed
├── NothingToProve        a person has no line in a quarter
├── SealBroken            what is in the books is not what was sealed
├── InsufficientPoints    the payer has fewer points than the movement takes
├── HoldUnknown           nothing was ever held under that reference: a programmer's mistake
├── HoldEnded             what was held is not held any more
├── NotReversible         nothing of that name can be reversed
├── AlreadyReversed       it was reversed before, under another reference
└── NotOwed               more would be repaid than is owed
"""

from typing import ClassVar


class PointsError(Exception):
    """Base of every refusal. `code` is stable: clients and tests may switch on it."""

    code: ClassVar[str] = "points_error"


class FactInvalid(PointsError, ValueError):
    """The fact contradicts itself. Raised at construction, so none is ever stored."""

    code = "fact_invalid"


class TransferInvalid(PointsError, ValueError):
    """The movement is not one amount of one unit between two accounts."""

    code = "transfer_invalid"


class PolicyInvalid(PointsError, ValueError):
    """The document was refused. `path` names the place in it: "rules[3].per"."""

    code = "policy_invalid"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class PolicyConflict(PointsError):
    """A policy is immutable once published, and one day begins one policy at most."""

    code = "policy_conflict"

    def __init__(self, version: str) -> None:
        super().__init__(f"policy {version} differs from what was published")
        self.version = version


class SourceConflict(PointsError):
    """The source names something that was reported differently before."""

    code = "source_conflict"

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} was reported with another content")
        self.source = source


class ReferenceConflict(PointsError):
    """The reference already stands for another movement."""

    code = "reference_conflict"

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} already stands for another movement")
        self.reference = reference


class PeriodNotReady(PointsError):
    """Something has to happen before this can be done with a quarter: `problem` says what."""

    code = "period_not_ready"

    def __init__(self, quarter: str, problem: str) -> None:
        super().__init__(f"{quarter} {problem}")
        self.quarter = quarter
        self.problem = problem


class PeriodBusy(PointsError):
    """Who began before a quarter was publicised may still book into it: try again in a moment."""

    code = "period_busy"

    def __init__(self, quarter: str) -> None:
        super().__init__(
            f"somebody who began before {quarter} was publicised is not done: try again in a moment"
        )
        self.quarter = quarter


class NothingToProve(PointsError):
    """The person's accounts did not move in the quarter."""

    code = "nothing_to_prove"

    def __init__(self, quarter: str) -> None:
        super().__init__(f"there is no line of this person in {quarter}")
        self.quarter = quarter


class SealBroken(PointsError):
    """The transfers of a sealed quarter are not those that were sealed: somebody has to look."""

    code = "seal_broken"


class InsufficientPoints(PointsError):
    """`balance` is what the payer can spend now, held points not counted; both in points."""

    code = "insufficient_points"

    def __init__(self, *, balance: int, needed: int) -> None:
        super().__init__(f"{balance} points can be spent, {needed} are needed")
        self.balance = balance
        self.needed = needed


class HoldUnknown(PointsError, LookupError):
    """Nothing was ever held under the reference."""

    code = "hold_unknown"

    def __init__(self, reference: str) -> None:
        super().__init__(f"nothing was ever held under {reference}")
        self.reference = reference


class HoldEnded(PointsError):
    """What was held is paid, given up or expired: `state` says which."""

    code = "hold_ended"

    def __init__(self, reference: str, *, state: str) -> None:
        super().__init__(f"{reference} is not held any more: {state}")
        self.reference = reference
        self.state = state


class NotReversible(PointsError):
    """There is no such movement, or it is of a kind that stays: what undoes, and what lapsed."""

    code = "not_reversible"

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} is no movement that can be reversed")
        self.reference = reference


class AlreadyReversed(PointsError):
    """A movement is reversed once. `by` is the reference of the reversal that stands."""

    code = "already_reversed"

    def __init__(self, reference: str, *, by: str) -> None:
        super().__init__(f"{reference} was reversed by {by}")
        self.reference = reference
        self.by = by


class NotOwed(PointsError):
    """Nobody repays more than they owe."""

    code = "not_owed"

    def __init__(self, *, owed: int, repaid: int) -> None:
        super().__init__(f"{owed} are owed, {repaid} would be repaid")
        self.owed = owed
        self.repaid = repaid
