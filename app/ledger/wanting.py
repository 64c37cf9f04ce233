"""What a fact still lacks before a rule pays for it."""

from sqlalchemy.orm import Session

from app.ledger import services
from points_engine import ALWAYS_JUDGED, Fact

Alternatives = tuple[str, ...]


def missing(session: Session, fact: Fact) -> tuple[Alternatives, ...]:
    """The evidence that rules of its day ask for and of which none is there, without doubles."""
    policy = services.policy_on(session, fact.occurred_on)
    if policy is None:
        return ()
    rules = [policy.rule_for(fact.kind, fact.category, unit) for unit in ALWAYS_JUDGED]
    return tuple({one for rule in rules if rule for one in rule.missing(fact.evidence)})
