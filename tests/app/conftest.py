"""What several features are asked about."""

import pytest
import sqlalchemy as sa


@pytest.fixture
def evidence_of(world):
    """The evidence of the one fact reported about a person."""

    def evidence_of(person):
        query = "SELECT evidence FROM fact WHERE beneficiary_id = :person"
        with world.own() as session:
            return session.execute(sa.text(query), {"person": person.id}).scalar_one()

    return evidence_of
