"""What is wrong with a field, in the language of those who read it."""

from typing import Any

from marshmallow import Schema, fields, validate

FIELDS: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {"required": "必填。", "null": "不能为空。", "validator_failed": "内容无效。"},
    fields.String: {"invalid": "应为文字。", "invalid_utf8": "不是有效的 UTF-8 文字。"},
    fields.Number: {"invalid": "应为数字。", "too_large": "数字太大。"},
    fields.Integer: {"invalid": "应为整数。"},
    fields.Float: {"special": "应为普通数字。"},
    fields.Boolean: {"invalid": "应为 true 或 false。"},
    fields.UUID: {"invalid_uuid": "不是有效的编号。"},
    fields.List: {"invalid": "应为列表。"},
    fields.Nested: {"type": "应为一个对象。"},
    fields.Date: {"invalid": "应为日期，格式 YYYY-MM-DD。"},
    fields.Enum: {"unknown": "应为以下之一：{choices}。"},
}


def speak_chinese() -> None:
    """Give the library our words; its own are for programmers."""
    for field, messages in FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **messages}
    Schema.error_messages = {"type": "应为一个对象。", "unknown": "没有这个字段。"}
    validate.OneOf.default_message = "应为以下之一：{choices}。"
    validate.Regexp.default_message = "格式不正确。"
    validate.Length.message_min = "至少 {min} 个。"
    validate.Length.message_max = "最多 {max} 个。"
    validate.Length.message_all = "应为 {min} 到 {max} 个。"
    validate.Range.message_min = "应不小于 {{min}}。"
    validate.Range.message_max = "应不大于 {{max}}。"
    validate.Range.message_all = "应在 {{min}} 到 {{max}} 之间。"
