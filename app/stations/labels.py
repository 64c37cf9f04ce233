"""What kinds of station and services are called on the screen."""

from app.stations.models import Station

KINDS = {
    "party_mass_center": "党群服务中心",
    "neighborhood_pioneer": "邻里先锋驿站",
    "warm_new_station": "暖新驿站",
    "new_business": "齐新先锋驿站",
    "service_hut": "党群服务小屋",
    "compound_center": "小区党群活动中心",
}

SERVICES = {
    "rest": "休息",
    "water": "饮水",
    "hot_meal": "热饭",
    "charging": "充电",
    "shelter": "取暖纳凉",
    "policy_advice": "政策咨询",
    "legal_aid": "法律援助",
}


def service_list(station: Station) -> list[dict[str, str]]:
    return [{"code": code, "name": SERVICES.get(code, code)} for code in station.services]
