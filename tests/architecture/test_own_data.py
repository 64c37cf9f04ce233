"""What is kept about people is handed out to them, table by table, or it says here why not."""

import re

import sqlalchemy as sa

# Every table that says of a person who they are or what was done to them or by them.
OF_PEOPLE = """
    SELECT DISTINCT class.relname
    FROM pg_constraint AS held
    JOIN pg_class AS class ON class.oid = held.conrelid
    WHERE held.contype = 'f' AND held.confrelid = 'person'::regclass
"""
WORK = "who of the staff did it: their work, and the audit log has it"
NOT_HANDED_OUT = {
    "activity_series": WORK,
    "calendar_theme": WORK,
    "card_pin": "a secret, of which there is a digest alone",
    "funding": WORK,
    "handover": WORK,
    "import_batch": WORK,
    "item_photo": WORK,
    "item_price": WORK,
    "merchant": WORK,
    "offline_slice": WORK,
    "offline_stray": WORK,
    "org_placement": WORK,
    "redeem_code": "lives for a minute, and is a digest alone; what it bought is handed out",
    "recovery_code": "a secret, of which there is a digest alone",
    "service_day": WORK,
    "staff_credential": "how staff sign in: a name of the service, and digests and seals",
    "station_code": WORK,
    "station_exception": WORK,
    "station_photo": WORK,
    "station_tally": WORK,
    "stock_count": WORK,
    "stock_proposal": WORK,
    "stationed_unit": "whom the community rings at a unit: the unit's page shows it",
}
READ = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)", re.IGNORECASE)


def test_every_table_about_people_is_handed_out_to_them_or_says_why_not(
    api, world, lived_in, catalogue
):
    read = set()

    def note(_connection, _cursor, statement, *_rest):
        read.update(READ.findall(statement))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        assert api.get("/me/data", as_=world.person()).status_code == 200
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)

    about_people = set(catalogue.column(OF_PEOPLE))
    silent = about_people - read
    assert sorted(silent ^ NOT_HANDED_OUT.keys()) == []
