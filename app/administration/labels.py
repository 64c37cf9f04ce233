"""Words for what happens to roles, as pages show them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from app.identity.ranks import ROLE_LABELS

STATE_LABELS = {"proposed": "待复核", "active": "生效", "refused": "已退回", "ended": "已结束"}
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STATE_KINDS = {"proposed": "wait", "active": "ok"}

FIELD_LABELS = {
    "state": "状态",
    "role": "岗位",
    "acts": "代办的事",
    "amount_fen": "金额（分）",
    "appid": "小程序",
    "committee": "委员会",
    "consent": "同意方式",
    "created": "新建",
    "review": "确认",
    "delegate": "代办人",
    "device": "设备",
    "field": "内容",
    "form": "格式",
    "from_day": "从哪天起",
    "guardian": "监护人",
    "head": "户主",
    "household": "家庭",
    "kind": "类别",
    "label": "称呼",
    "name": "名称",
    "parent": "上级",
    "way": "方式",
    "person": "本人",
    "phone": "手机号",
    "id_number": "身份证号",
    "birth_date": "出生日期",
    "party": "党员信息",
    "location": "位置",
    "purpose": "用途",
    "rows": "行数",
    "to_day": "到哪天止",
    "unit": "单位",
    "updated": "更新",
    "sku": "编号",
    "category": "类别",
    "merchant": "兑付商户",
    "barcode": "条码",
    "quarter_limit": "每季度限兑",
    "value_fen": "公允价值（分）",
    "points": "积分",
    "valid_from": "从哪天起",
}
WORDS = {
    **STATE_LABELS,
    **ROLE_LABELS,
    "accepted": "已报到",
    "suspended": "已暂停",
    "moved": "已转出",
    "closed": "已结束",
    "online": "本人在手机上同意",
    "in_person": "本人当面同意",
    "paper": "本人书面同意",
    "sign_in": "登录",
    "draft": "草稿",
    "in_review": "待审核",
    "published": "已发布",
    "cancelled": "已取消",
    "verified": "名单已确认",
    "settled": "已结算",
    "pending_review": "待确认",
    "approved": "已确认",
    "rejected": "不通过",
    "step_up": "确认身份",
}
SHORT = 6  # of an identifier that names nobody: enough to tell two apart

ACTION_LABELS = {
    "role.grant": "授予岗位",
    "role.propose": "提出市级岗位",
    "role.approve": "复核通过",
    "role.refuse": "退回",
    "role.end": "收回岗位",
    "redemption.return": "退货",
    "voucher.redeem": "核销服务券",
    "voucher.export": "导出服务券月结单",
    "merchant.open": "添加兑付商户",
    "merchant.close": "停止商户核销",
    "account.choose_password": "自己改密码",
    "activity.cancelled": "取消活动",
    "activity.draft": "起草活动或退回修改",
    "activity.in_review": "提交活动审核",
    "activity.published": "发布活动",
    "activity.rewrite": "修改活动",
    "activity.verified": "确认活动名单",
    "attendance.approved": "确认签到",
    "attendance.rejected": "签到不通过",
    "account.open": "开通账号",
    "attendance.backfill": "补录签到",
    "attendance.list": "按签到表登记",
    "attendance.staff_in": "代签到",
    "attendance.staff_out": "代签退",
    "activity.thank": "感谢参加活动的人",
    "attendance_list.enter": "名单补登",
    "attendance_list.print": "打印签到表",
    "activity_register.export": "导出活动登记簿",
    "card.issue": "办存折卡",
    "card_pin.lock": "锁定取物密码",
    "card_pin.reset": "重设取物密码",
    "card_pin.set": "设取物密码",
    "counter.hand_over": "兑换台交接班",
    "shop.offline": "设置断网备用额度",
    "offline.grant": "领取断网备用额度",
    "offline.return": "交回断网备用额度",
    "offline.again": "断网兑换再办一次，入账",
    "offline.aside": "断网兑换转人工处理",
    "offline.aside_closed": "结清转人工的断网兑换",
    "offline.close": "结清断网兑换，不扣积分",
    "data.unmask": "查看完整信息",
    "donation_register.export": "导出物品捐赠簿",
    "redemption_register.export": "导出物品兑换簿",
    "passbook.export": "导出纸质存折",
    "passbook.place": "登记纸质存折印到哪里",
    "passbook.print": "代印纸质存折",
    "delegate.check_in": "代办签到",
    "delegate.check_out": "代办签退",
    "delegate.enrol": "代办报名",
    "delegate.give": "授权代办",
    "delegate.read": "代看存折",
    "delegate.redeem": "代领物品",
    "delegate.register": "代办报到",
    "delegate.revoke": "收回代办",
    "enrolment.place": "安排候补名额",
    "enrolment.staff": "代报名",
    "fund.record": "登记经费",
    "feedback.answer": "回复反馈",
    "feedback.hide": "不展示反馈的话",
    "feedback.show": "展示反馈的话",
    "guardian.consent": "登记监护人同意",
    "guardian.withdraw": "撤回监护人同意",
    "household.head": "登记户主",
    "household.make": "新建一户",
    "household.move_in": "登记入户",
    "household.move_out": "登记迁出",
    "mini_program.admit": "接入小程序",
    "part_time_member.seat": "增加兼职委员",
    "part_time_member.unseat": "结束兼职委员席位",
    "people.export": "导出名册",
    "people.import": "导入名册",
    "passbook.show": "代看存折",
    "person.change": "登记或更改个人信息",
    "person.erase": "注销账户",
    "person.unmask": "查看完整信息",
    "phone_release.ask": "提出解绑换了主人的手机号",
    "phone_release.complete": "解绑换了主人的手机号",
    "phone_release.stop": "停止解绑手机号",
    "registration.accept": "接收报到",
    "registration.ask": "申请报到",
    "registration.close": "结束报到",
    "registration.move": "转出报到",
    "registration.refuse": "退回报到",
    "registration.suspend": "暂停报到",
    "registration.withdraw": "撤回报到",
    "series.create": "新建系列活动",
    "series.draft": "按系列起草活动",
    "series.end": "结束系列活动",
    "series.rewrite": "修改系列活动",
    "service_day.choose": "改定服务日",
    "theme.choose": "确定主题",
    "unit.close": "撤销组织",
    "unit.create": "设立组织",
    "unit.label": "改称呼",
    "unit.move": "调整组织",
    "unit.rename": "组织改名",
    "unit.reopen": "恢复组织",
    "web_login.confirm": "确认扫码登录",
    "web_login.refuse": "拒绝扫码登录",
    "account.reset_password": "重设密码",
    "account.reset_second_factor": "重设第二步验证",
    "service_slip.issue": "发服务确认单",
    "service_slip.revoke": "作废服务确认单",
    "service_slip.call": "电话核实服务",
    "service_denial.stands": "核对服务：做到了",
    "service_denial.struck": "核对服务：没有这回事",
    "service_document.attach": "上传凭证",
    "service_document.accepted": "核对凭证",
    "service_document.refused": "凭证不通过",
    "item.create": "上架商品",
    "item.update": "修改商品资料",
    "item.price": "调整兑换积分",
    "item.photo": "换商品照片",
    "item.photo_drop": "去掉商品照片",
    "item.close": "下架商品",
    "item.reopen": "恢复商品",
    "stock.purchase": "采购入库",
    "stock.donation": "捐赠入库",
    "stock.write_off": "报损",
    "stock.propose": "提出报损，等复核",
    "stock.count": "盘点",
    "stock.approve": "复核通过库存变动",
    "stock.refuse": "退回库存变动",
    "station.create": "设立驿站",
    "station.update": "修改驿站资料",
    "station.hours": "修改开放时间",
    "station.exception": "写上特别的日子",
    "station.exception_drop": "取消特别的日子",
    "station.photo": "换驿站照片",
    "station.photo_drop": "去掉驿站照片",
    "station.close": "停用驿站",
    "station.reopen": "恢复驿站",
    "station_code.replace": "更换驿站码",
    "room_booking.cancel": "取消他人的预约",
    "duty.assign": "安排值班",
    "duty.call_off": "取消值班",
    "duty.confirm": "确认值完班",
}


def span_text(since: date, until: date | None) -> str:
    """From which day on, and the first day on which it is over."""
    began = f"{since:%Y-%m-%d} 起"
    return f"{began}，长期" if until is None else f"{began}，到 {until:%Y-%m-%d} 止（当天起失效）"


def nobody_text(role: str) -> str:
    """Who acts where no person of the city does."""
    return "运维人员（服务器）" if role == "operator" else "系统"


def action_text(action: str) -> str:
    return ACTION_LABELS.get(action, action)


def change_text(field: str, words: Sequence[str], names: Mapping[str, str]) -> str:
    """What was before and is now, in the reader's words where there are some."""
    before, after = (names.get(word) or _word(word) for word in words)
    return f"{FIELD_LABELS.get(field, field)}：{before} → {after}"


def _word(word: str) -> str:
    if IDENTIFIER.fullmatch(word):
        return f"…{word[-SHORT:]}"
    return WORDS.get(word, word) or "无"


def result_text(result: str) -> str:
    return "完成" if result == "done" else f"被拒绝（{result}）"
