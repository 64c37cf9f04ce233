"""What each role may do. A permission is held within the subtree the role was granted for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.audit import Actor
from app.identity.permissions import Permission

__all__ = [
    "RESIDENT",
    "ROLES",
    "AuthLevel",
    "Duty",
    "DutyGroup",
    "Grant",
    "Permission",
    "Principal",
]


RESIDENT = frozenset(
    {
        Permission.SESSION_OWN,
        Permission.PASSBOOK_READ,
        Permission.EXPIRY_CHOOSE,
        Permission.SCAN,
        Permission.STATION_READ,
        Permission.VISIT_CREATE,
        Permission.ROOM_BOOK,
        Permission.DUTY_TAKE,
        Permission.ACTIVITY_READ,
        Permission.ENROL,
        Permission.ATTEND,
        Permission.SHOP_READ,
        Permission.REDEEM_CODE_CREATE,
        Permission.REGISTRATION_OWN,
        Permission.HOUSEHOLD_OWN,
        Permission.OWN_DATA,
        Permission.MESSAGE_READ,
    }
)

_GIVES_ROLES = frozenset(
    {
        Permission.STAFF_HOME,
        Permission.ROLE_READ,
        Permission.ROLE_GRANT,
        Permission.ROLE_APPROVE,
    }
)
_OF_STATIONS = frozenset(
    {
        Permission.STAFF_HOME,
        Permission.PASSBOOK_SHOW,
        Permission.ACTIVITY_FOLLOW,
        Permission.ACTIVITY_PREPARE,
        Permission.ACTIVITY_VERIFY,
        Permission.ATTENDANCE_AID,
        Permission.STATION_CODE_READ,
        Permission.STATION_DAY,
        Permission.STATION_MANAGE,
        Permission.VISITS_READ,
        Permission.VENUE_CODE_READ,
    }
)
ROLES: dict[str, frozenset[Permission]] = {
    "grid_worker": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.ORG_READ,
            Permission.PEOPLE_READ,
            Permission.HOUSEHOLD_MANAGE,
            Permission.ATTENDANCE_AID,
            Permission.PASSBOOK_PRINT,
            Permission.CALL_LIST,
            Permission.CALL_DIAL,
        }
    ),
    "building_steward": frozenset({Permission.STAFF_HOME, Permission.ATTENDANCE_AID}),
    "station_manager": _OF_STATIONS,
    "shop_manager": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.PASSBOOK_SHOW,
            Permission.REDEMPTION_CREATE,
            Permission.OFFLINE_CLOSE,
            Permission.BUDGET_READ,
            Permission.CARD_MANAGE,
            Permission.STOCK_READ,
            Permission.STOCK_MANAGE,
            Permission.BOOKS_READ,
            Permission.PASSBOOK_PRINT,
        }
    ),
    "community_clerk": _OF_STATIONS
    | {
        Permission.REGISTRATION_DECIDE,
        Permission.ORG_READ,
        Permission.PEOPLE_READ,
        Permission.PEOPLE_IMPORT,
        Permission.PHONE_CHECK,
        Permission.HOUSEHOLD_MANAGE,
        Permission.PASSBOOK_PRINT,
        Permission.CARD_MANAGE,
        Permission.CALL_LIST,
        Permission.CALL_DIAL,
    },
    "merchant": frozenset({Permission.STAFF_HOME, Permission.VOUCHER_REDEEM}),
    "supervisor": frozenset({Permission.STAFF_HOME, Permission.BOOKS_READ}),
    "checker": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.ACTIVITY_FOLLOW,
            Permission.ACTIVITY_REVIEW,
            Permission.STOCK_READ,
            Permission.STOCK_APPROVE,
            Permission.BOOKS_READ,
        }
    ),
    "community_secretary": _OF_STATIONS
    | {
        Permission.ACTIVITY_REVIEW,
        Permission.BUDGET_READ,
        Permission.TILL_AUDIT,
        Permission.OFFLINE_CLOSE,
        Permission.CARD_MANAGE,
        Permission.STOCK_READ,
        Permission.STOCK_APPROVE,
        Permission.BOOKS_READ,
        Permission.REGISTRATION_DECIDE,
        Permission.ORG_READ,
        Permission.ORG_MANAGE,
        Permission.PEOPLE_READ,
        Permission.PEOPLE_IMPORT,
        Permission.PEOPLE_EXPORT,
        Permission.HOUSEHOLD_MANAGE,
        Permission.PASSBOOK_PRINT,
        Permission.PERSON_UNMASK,
        Permission.PERSON_UNMASK_SENSITIVE,
        Permission.PHONE_CHECK,
        Permission.LOCATION_READ,
        Permission.ROLE_READ,
        Permission.ROLE_GRANT,
        Permission.CALL_LIST,
        Permission.CALL_DIAL,
    },
    "street_officer": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.ACTIVITY_FOLLOW,
            Permission.ACTIVITY_PREPARE,
            Permission.ACTIVITY_REVIEW,
            Permission.VISITS_READ,
            Permission.ORG_READ,
            Permission.ORG_MANAGE,
            Permission.PEOPLE_READ,
            Permission.PEOPLE_EXPORT,
            Permission.ROLE_READ,
            Permission.ROLE_GRANT,
        }
    ),
    "city_officer": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.VISITS_READ,
            Permission.BUDGET_READ,
            Permission.ORG_READ,
            Permission.ORG_MANAGE,
            Permission.ROLE_READ,
            Permission.ROLE_GRANT,
            Permission.ROLE_APPROVE,
        }
    ),
    "auditor": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.ROLE_READ,
            Permission.AUDIT_READ,
            Permission.TILL_AUDIT,
            Permission.STOCK_READ,
            Permission.BOOKS_READ,
        }
    ),
    "system_admin": frozenset({Permission.STAFF_HOME, Permission.ACCOUNT_MANAGE}),
    "security_admin": _GIVES_ROLES,
    "audit_admin": frozenset({Permission.STAFF_HOME, Permission.AUDIT_READ}),
    "platform_operator": _GIVES_ROLES,
}


def roles_with(permission: Permission) -> frozenset[str]:
    """The roles that allow it."""
    return frozenset(role for role, allowed in ROLES.items() if permission in allowed)


class AuthLevel(StrEnum):
    """How somebody proved who they are when the session began, or since."""

    WECHAT = "wechat"
    SCANNED = "scanned"  # a phone that was proved has vouched for this browser
    PASSWORD = "password"  # noqa: S105 - a word for it
    TWO_FACTOR = "two_factor"


class DutyGroup(StrEnum):
    """Under which heading of the desk a duty is found, in the order of the headings."""

    PEOPLE = "people"
    ACTIVITIES = "activities"
    STATIONS = "stations"
    SHOP = "shop"
    POINTS = "points"
    BOOKS = "books"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A page on which staff work, as their desk shows it to those who may open it."""

    permission: Permission
    path: str
    group: DutyGroup
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the unit at the top of the subtree it holds for."""

    role: str
    org_unit_id: UUID

    def allows(self, permission: Permission) -> bool:
        return permission in ROLES.get(self.role, frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is calling: a person of a tenant, by one session, with the roles they hold today."""

    tenant_id: int
    zone: str
    session_id: UUID
    person_id: UUID
    community_id: UUID
    display_name: str
    staff: bool
    grants: tuple[Grant, ...]
    auth_level: AuthLevel = AuthLevel.WECHAT
    auth_time: datetime | None = None  # when they last proved who they are
    must_enrol: bool = False  # staff who are to set up a second factor before anything else
    must_choose: bool = False  # staff who came in with a password that somebody gave them
    on_behalf_of: UUID | None = None  # for whom a delegate acts
    device: bytes | None = None  # a digest of the name that this device gave itself

    @property
    def subject_id(self) -> UUID:
        """Whose things this is about: one's own, or those of whom one acts for."""
        return self.on_behalf_of or self.person_id

    def actor(
        self, permission: Permission | None = None, path: Collection[UUID] | None = None
    ) -> Actor:
        """Who acts, as the audit log has it; with the role that allows it, where one is needed.

        With `path`, one that allows it for a thing at the end of it.
        """
        allowing = (
            grant.role
            for grant in self.grants
            if permission and grant.allows(permission)
            if path is None or grant.org_unit_id in path
        )
        return Actor(
            person_id=self.person_id,
            on_behalf_of=self.on_behalf_of,
            role=next(allowing, ""),
            session_id=self.session_id,
        )

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether any subtree allows it. A resident's own things need no grant."""
        return permission in RESIDENT or any(grant.allows(permission) for grant in self.grants)

    def may(self, permission: Permission, path: Collection[UUID]) -> bool:
        """Whether it is allowed for a thing at the end of `path`, top unit first."""
        return any(grant.allows(permission) and grant.org_unit_id in path for grant in self.grants)

    def units_with(self, permission: Permission) -> frozenset[UUID]:
        """The tops of all subtrees in which it is allowed."""
        return frozenset(grant.org_unit_id for grant in self.grants if grant.allows(permission))
