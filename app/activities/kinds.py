"""The closed lists of activities: states, skills, risks, guarantees, audiences, rhythms."""

from enum import StrEnum

LEAST_RADIUS_M, MOST_RADIUS_M = 100, 5000  # around the place of an activity


class ActivityState(StrEnum):
    """How far an activity has come by what people decided. What the clock says is not stored."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    VERIFIED = "verified"
    SETTLED = "settled"


# What the public may see, and where somebody who is there may still leave.
PUBLIC = (ActivityState.PUBLISHED, ActivityState.VERIFIED, ActivityState.SETTLED)
SEEN = (*PUBLIC, ActivityState.CANCELLED)
LEAVABLE = (ActivityState.PUBLISHED, ActivityState.VERIFIED)
# What can still be called off, and what can still be written differently.
CANCELLABLE = (ActivityState.DRAFT, ActivityState.IN_REVIEW, ActivityState.PUBLISHED)


class Phase(StrEnum):
    """What an activity is at an instant: its state, and where it is published, the clock."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    ENROLLING = "published"  # the word the API has had for it from the beginning
    RUNNING = "running"
    ENDED = "ended"
    VERIFIED = "verified"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class WordsState(StrEnum):
    """Whether what somebody wrote may be read: being checked, shown, for staff to see, or not."""

    CHECKING = "checking"
    SHOWN = "shown"
    WAITING = "waiting"
    HIDDEN = "hidden"


class EnrolmentState(StrEnum):
    """How a place stands: taken, waited for, offered, given back, or not answered for in time."""

    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    LEFT = "left"
    LAPSED = "lapsed"


HOLDING = (EnrolmentState.CONFIRMED, EnrolmentState.OFFERED)  # a place is theirs, or kept for them
OPEN = (*HOLDING, EnrolmentState.WAITLISTED)


class Skill(StrEnum):
    """What a task wants somebody to be able to do."""

    MEDICAL = "medical"
    FIRST_AID = "first_aid"
    PSYCHOLOGY = "psychology"
    LEGAL = "legal"
    HAIRDRESSING = "hairdressing"
    REPAIR = "repair"
    TEACHING = "teaching"
    DIGITAL = "digital"
    ARTS = "arts"
    DRIVING = "driving"


class Risk(StrEnum):
    """How dangerous a task is. A high one is for grown-ups, and insured."""

    LOW = "low"
    RAISED = "raised"
    HIGH = "high"


class Guarantee(StrEnum):
    """What volunteers are given on the spot, or for it."""

    WATER = "water"
    REST = "rest"
    INSURANCE = "insurance"
    TRANSPORT = "transport"
    TOOLS = "tools"
    MEAL = "meal"
    STATEMENT = "statement"


class Audience(StrEnum):
    """Who is told when an activity is published."""

    COMMUNITY = "community"
    MEMBERS = "members"
    GRID = "grid"
    SERIES = "series"
    NOBODY = "nobody"


class Rhythm(StrEnum):
    """When the activities of a series are."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    SERVICE_DAY = "service_day"


class ThemeSpan(StrEnum):
    """What a theme of the year's plan is for."""

    SEASON = "season"
    MONTH = "month"


class NoticeKind(StrEnum):
    """What is told of an activity to many at once."""

    INVITATION = "invitation"
    CANCELLATION = "cancellation"
