"""How the roles stand to each other: who is above whom, and what one alone may not give."""

ROLE_LABELS = {
    "grid_worker": "网格员",
    "building_steward": "楼栋长",
    "station_manager": "驿站管理员",
    "shop_manager": "爱心超市店长",
    "merchant": "兑付商户",
    "community_clerk": "社区工作人员",
    "supervisor": "监督员",
    "checker": "复核员",
    "community_secretary": "社区党组织书记",
    "street_officer": "街道干部",
    "city_officer": "市级干部",
    "auditor": "审计员",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "audit_admin": "安全审计员",
    "platform_operator": "平台运营人员",
}

ROLE_TEXTS = {
    "grid_worker": "联系本网格的居民，帮他们签到",
    "building_steward": "联系本楼栋的居民，帮他们签到、补登签到表",
    "station_manager": "管理驿站的日常、驿站码和现场签到码",
    "shop_manager": "在兑换台兑换商品，查看积分预算",
    "merchant": "在自己的店里核销居民的公益服务券",
    "community_clerk": "办理社区日常事务，打印驿站码和现场签到码",
    "supervisor": "查看爱心超市的捐赠簿、兑换簿和库存图表，只看不改",
    "checker": "复核他人经办的事项",
    "community_secretary": "负责本社区，安排本社区的岗位",
    "street_officer": "联系本街道的社区，安排本街道的岗位",
    "city_officer": "统筹全市，复核市级岗位的授权",
    "auditor": "查看授权和审计记录，只看不改",
    "system_admin": "管理工作人员账号，不授权、不看审计",
    "security_admin": "授权和复核授权，不管账号、不看审计",
    "audit_admin": "查看审计记录，不管账号、不授权",
    "platform_operator": "为新接入的城市安排第一批管理员",
}

# Nobody grants a role above their own. Between equals it is the subtree that decides.
RANKS = {
    "grid_worker": 1,
    "building_steward": 1,
    "station_manager": 1,
    "shop_manager": 1,
    "merchant": 1,
    "community_clerk": 2,
    "supervisor": 1,
    "checker": 2,
    "community_secretary": 3,
    "street_officer": 4,
    "city_officer": 5,
    "auditor": 5,
    "system_admin": 5,
    "security_admin": 5,
    "audit_admin": 5,
    "platform_operator": 6,
}
# What is a whole city's to give: one proposes it, and another one approves.
CITY_ROLES = frozenset(
    {
        "city_officer",
        "auditor",
        "system_admin",
        "security_admin",
        "audit_admin",
        "platform_operator",
    }
)
# Who keeps watch has no other work beside it, or they would watch themselves.
ALONE = frozenset({"system_admin", "security_admin", "audit_admin", "auditor", "supervisor"})
# Who redeems vouchers is of another house: they are paid by what they redeem.
OUTSIDE = frozenset({"merchant"})
