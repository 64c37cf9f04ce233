"""Why a sheet is not taken over, and why somebody is not shown."""

from app.core.errors import Conflict, Invalid, NotFound

NO_CARD = "没有找到这张存折卡，请核对卡号；只能办理本社区居民的卡。"
NO_BATCH = "没有找到这次导入，请重新上传表格。"


class SheetUnreadable(Invalid):
    code, title = "sheet_unreadable", "The sheet cannot be read"


class SheetTooLarge(Invalid):
    code, title = "sheet_too_large", "The sheet is too large"


class HeaderMissing(Invalid):
    code, title = "header_missing", "No row of headings was found"


class BatchUnknown(NotFound):
    code, title = "import_unknown", "No such import"


class BatchNotReady(Conflict):
    code, title = "import_not_ready", "The import cannot be taken over"


class ResidentUnknown(NotFound):
    code, title = "resident_unknown", "No such person"


class ExportTooLarge(Conflict):
    code, title = "export_too_large", "Too many rows for one export"
