"""Everything the engine refuses, as one tree with stable codes.

PointsError
├── FactInvalid           a fact that cannot have happened as told
├── TransferInvalid       a movement that would not balance: a programmer's mistake
├── PolicyInvalid         a policy document that does not say what it means
├── PolicyConflict        a published version would be published again with other words
├── SourceConflict        a source is already known with another content
├── ReferenceConflict     a reference is already used for another movement
└── InsufficientPoints    the payer has fewer points than the movement takes
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


class InsufficientPoints(PointsError):
    """`balance` is what the payer can spend now, held points not counted; both in points."""

    code = "insufficient_points"

    def __init__(self, *, balance: int, needed: int) -> None:
        super().__init__(f"{balance} points can be spent, {needed} are needed")
        self.balance = balance
        self.needed = needed
