"""Makes a database for the benchmark, runs it there, and drops it again.

``python -m benchmarks call_log`` runs that module instead of the whole of it.
"""

import os
import subprocess
import sys
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")
# The largest projects measured have all their codes in one campaign.
os.environ.setdefault("MAX_CODES_PER_CAMPAIGN", "20000000")
django.setup()

from django.db import connection  # noqa: E402 - Django has to be set up first

from promo.embedded.startup import start_if_used  # noqa: E402

#: Beside the database in use, so that two of them can be measured on one server.
NAME = f"{connection.settings_dict['NAME']}_benchmark"


def main() -> int:
    """Return the exit code of the benchmark."""
    start_if_used()
    of = connection.settings_dict
    where = urlencode({"host": of["HOST"], "port": of["PORT"] or 5432})
    address = f"postgres://{of['USER']}@/{NAME}?{where}"
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's own tests do
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    try:
        measures = sys.argv[1] if len(sys.argv) > 1 else "run"
        command = [sys.executable, "-m", f"benchmarks.{measures}"]
        environment = {**os.environ, "DATABASE_URL": address}
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own command
    finally:
        with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's own tests do
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


if __name__ == "__main__":
    sys.exit(main())
