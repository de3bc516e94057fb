"""PostgreSQL as Django speaks to it, with connections that are still there.

The pool keeps connections while nobody needs them. When the database restarts it says
so on each of them, and hangs up: there is something to read where nothing is ever read.
Looking for that asks nothing of the database, which Django's own health check does with
every request.
"""

import select
from typing import Any

from django.db.backends.postgresql import base

# What has a server's own default otherwise, where it was built without lz4.
_COMPRESS = """
SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
"""


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes from the pool only what the database has not hung up on.

    Orders and events are stored compressed by lz4, which takes a fourth of the time of
    PostgreSQL's own way.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that works, as far as can be known without asking.

        While the database is away the pool waits for it, for as long as its
        ``timeout`` says. Each connection of the pool is passed over once at most.
        """
        connection = super().get_new_connection(conn_params)
        pool = self.pool
        if pool is None:
            return connection
        for _ in range(pool.max_size):
            if not is_hung_up(connection):
                break
            connection.close()
            pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    def _configure_connection(self, connection: Any) -> bool:
        """Set up a new connection; return whether that has to be committed."""
        commit = super()._configure_connection(connection)  # type: ignore[misc]  # the stubs leave it out
        with connection.cursor() as cursor:
            cursor.execute(_COMPRESS)
        return bool(commit) or not connection.autocommit


def is_hung_up(connection: Any) -> bool:
    """Say whether something waits to be read of an idle psycopg connection.

    That is the database's goodbye. Where it is a notice instead, a connection is
    replaced for nothing, which is rare and does no harm.
    """
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return bool(waiting.poll(0))
