"""The part of the first migration that keeps consent records append-only.

A file of its own because the first migration is as long as a file should be. Neighbour:
``versions.r0001_initial``.
"""

from alembic import op


def refuse_changes_to_consent() -> None:
    """Make the triggers that refuse every change of a consent record, in both systems."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'consent records only grow'; END $$"
        )
        op.execute(
            "CREATE TRIGGER consent_record_only_grows BEFORE UPDATE OR DELETE ON consent_record "
            "FOR EACH ROW EXECUTE FUNCTION refuse_consent_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER consent_record_no_{verb.lower()} BEFORE {verb} ON consent_record "
            "BEGIN SELECT RAISE(ABORT, 'consent records only grow'); END"
        )
