"""What kinds of station, services and visitors are called on the screen."""

from app.stations.kinds import Level, Service, StationKind, TurnState, Visitor
from app.stations.models import Station

KINDS = {
    StationKind.PARTY_MASS_CENTER: "党群服务中心",
    StationKind.NEIGHBORHOOD_PIONEER: "邻里先锋驿站",
    StationKind.WARM_NEW_STATION: "暖新驿站",
    StationKind.NEW_BUSINESS: "齐新先锋驿站",
    StationKind.SERVICE_HUT: "党群服务小屋",
    StationKind.COMPOUND_CENTER: "小区党群活动中心",
    StationKind.CIVILIZATION_PRACTICE: "新时代文明实践站",
}
LEVELS = {
    Level.CITY: "市级",
    Level.STREET: "街道级",
    Level.COMMUNITY: "社区级",
    Level.COMPOUND: "小区级",
}
SERVICES = {
    Service.REST: "休息",
    Service.WATER: "饮水",
    Service.HOT_MEAL: "热饭",
    Service.CHARGING: "充电",
    Service.SHELTER: "取暖纳凉",
    Service.POLICY_ADVICE: "政策咨询",
    Service.LEGAL_AID: "法律援助",
    Service.FIRST_AID: "应急药箱",
    Service.TOILET: "如厕",
    Service.READING: "看书读报",
    Service.HEALTH_CHECK: "量血压测血糖",
    Service.TOOLS: "借用工具",
}
VISITORS = {
    Visitor.RESIDENT: "居民",
    Visitor.IN_SERVICE_MEMBER: "在职党员",
    Visitor.VOLUNTEER: "志愿者",
    Visitor.RIDER: "骑手、快递员",
    Visitor.DRIVER: "网约车、货车司机",
    Visitor.OTHER: "其他",
}
TURNS = {
    TurnState.ON_DUTY: "我值班",
    TurnState.OFFERED: "在找人换班",
    TurnState.ON_LEAVE: "已请假",
    TurnState.HANDED_OVER: "已换给别人",
}
DUTY = {
    TurnState.ON_DUTY: "值班",
    TurnState.OFFERED: "在找人换班",
    TurnState.ON_LEAVE: "请假",
    TurnState.HANDED_OVER: "已换给别人",
}
NO_SERVICE = "没有选服务"


def service_list(station: Station) -> list[dict[str, str]]:
    """The services of a station, in the order of the list of all."""
    offered = [one for one in Service if one.value in station.services]
    return [{"code": one.value, "name": SERVICES[one]} for one in offered]


def kind_text(station: Station) -> str:
    return KINDS[StationKind(station.kind)]


def service_text(code: str | None) -> str:
    return NO_SERVICE if code is None else SERVICES[Service(code)]


def visitor_text(code: str) -> str:
    return VISITORS[Visitor(code)]


def metres_text(metres: int | None) -> str:
    """How far, as one says it: "350 米", "1.2 公里"."""
    if metres is None:
        return ""
    if metres < 1000:
        return f"{max(10, round(metres, -1))} 米"
    return f"{metres / 1000:.1f} 公里"
