"""What each role may do. A permission is held within the subtree the role was granted for."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """Everything a route may ask for. A route names exactly one."""

    SESSION_OWN = "session.own"
    PASSBOOK_READ = "passbook.read"
    EXPIRY_CHOOSE = "expiry.choose"
    SCAN = "scan"
    STATION_READ = "station.read"
    STATION_CODE_READ = "station_code.read"
    VISIT_CREATE = "visit.create"
    ACTIVITY_READ = "activity.read"
    ENROL = "enrol"
    ATTEND = "attend"
    VENUE_CODE_READ = "venue_code.read"
    SHOP_READ = "shop.read"
    REDEEM_CODE_CREATE = "redeem_code.create"
    REDEMPTION_CREATE = "redemption.create"
    BUDGET_READ = "budget.read"
    STAFF_HOME = "staff.home"


RESIDENT = frozenset(
    {
        Permission.SESSION_OWN,
        Permission.PASSBOOK_READ,
        Permission.EXPIRY_CHOOSE,
        Permission.SCAN,
        Permission.STATION_READ,
        Permission.VISIT_CREATE,
        Permission.ACTIVITY_READ,
        Permission.ENROL,
        Permission.ATTEND,
        Permission.SHOP_READ,
        Permission.REDEEM_CODE_CREATE,
    }
)

ROLES: dict[str, frozenset[Permission]] = {
    "station_manager": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.STATION_CODE_READ,
            Permission.VENUE_CODE_READ,
        }
    ),
    "shop_manager": frozenset(
        {Permission.STAFF_HOME, Permission.REDEMPTION_CREATE, Permission.BUDGET_READ}
    ),
    "community_secretary": frozenset(
        {
            Permission.STAFF_HOME,
            Permission.BUDGET_READ,
            Permission.STATION_CODE_READ,
            Permission.VENUE_CODE_READ,
        }
    ),
    "checker": frozenset({Permission.STAFF_HOME}),
    "street_officer": frozenset({Permission.STAFF_HOME}),
    "auditor": frozenset({Permission.STAFF_HOME}),
}

ROLE_LABELS = {
    "station_manager": "驿站管理员",
    "shop_manager": "爱心超市店长",
    "community_secretary": "社区党组织书记",
    "checker": "复核员",
    "street_officer": "街道干部",
    "auditor": "审计员",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A page on which staff work, as their desk shows it to those who may open it."""

    permission: Permission
    path: str
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

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether any subtree allows it. A resident's own things need no grant."""
        return permission in RESIDENT or any(grant.allows(permission) for grant in self.grants)

    def may(self, permission: Permission, path: Collection[UUID]) -> bool:
        """Whether it is allowed for a thing at the end of `path`, top unit first."""
        return any(grant.allows(permission) and grant.org_unit_id in path for grant in self.grants)

    def units_with(self, permission: Permission) -> frozenset[UUID]:
        """The tops of all subtrees in which it is allowed."""
        return frozenset(grant.org_unit_id for grant in self.grants if grant.allows(permission))
