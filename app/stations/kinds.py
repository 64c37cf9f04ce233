"""Closed lists of stations: what they are, whom they serve, what they offer, and to whom."""

from enum import StrEnum


class StationKind(StrEnum):
    """What a station is, by the names of the source documents."""

    PARTY_MASS_CENTER = "party_mass_center"
    NEIGHBORHOOD_PIONEER = "neighborhood_pioneer"
    WARM_NEW_STATION = "warm_new_station"
    NEW_BUSINESS = "new_business"
    SERVICE_HUT = "service_hut"
    COMPOUND_CENTER = "compound_center"
    CIVILIZATION_PRACTICE = "civilization_practice"


class Level(StrEnum):
    """Whom a station is there for, from the whole city down to one compound."""

    CITY = "city"
    STREET = "street"
    COMMUNITY = "community"
    COMPOUND = "compound"


class Service(StrEnum):
    """What somebody may come for."""

    REST = "rest"
    WATER = "water"
    HOT_MEAL = "hot_meal"
    CHARGING = "charging"
    SHELTER = "shelter"
    POLICY_ADVICE = "policy_advice"
    LEGAL_AID = "legal_aid"
    FIRST_AID = "first_aid"
    TOILET = "toilet"
    READING = "reading"
    HEALTH_CHECK = "health_check"
    TOOLS = "tools"


class Visitor(StrEnum):
    """As whom somebody comes. Riders and drivers are the people of new employment."""

    RESIDENT = "resident"
    IN_SERVICE_MEMBER = "in_service_member"
    VOLUNTEER = "volunteer"
    RIDER = "rider"
    DRIVER = "driver"
    OTHER = "other"


NEW_EMPLOYMENT = (Visitor.RIDER, Visitor.DRIVER)


class BookingState(StrEnum):
    """What has become of a booking of a room."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class TurnState(StrEnum):
    """How somebody stands to a shift: on it, looking for another, on leave, or handed over."""

    ON_DUTY = "on_duty"
    OFFERED = "offered"
    ON_LEAVE = "on_leave"
    HANDED_OVER = "handed_over"


HOLDING = (TurnState.ON_DUTY, TurnState.OFFERED)  # whose place is not free


def listed(kinds: type[StrEnum]) -> str:
    """The members of a closed list, as a CHECK has them."""
    return ", ".join(f"'{kind.value}'" for kind in kinds)


def visitor_of(kinds: list[str]) -> Visitor:
    """As whom a person with an account comes, by what is known of them."""
    for word, visitor in (
        ("new_employment_worker", Visitor.RIDER),
        ("in_service_member", Visitor.IN_SERVICE_MEMBER),
        ("volunteer", Visitor.VOLUNTEER),
    ):
        if word in kinds:
            return visitor
    return Visitor.RESIDENT
