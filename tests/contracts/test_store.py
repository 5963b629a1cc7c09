"""What the store promises, on SQLite and on PostgreSQL alike."""

from sqlalchemy import text


def test_x(database):
    with database.read() as conn:
        assert conn.execute(text("select count(*) from installation")).scalar_one() == 3
