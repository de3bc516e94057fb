"""PostgreSQL as Django speaks to it, with connections that are still there.

The pool keeps connections while nobody needs them. When the database restarts it says
so on each of them, and hangs up: there is something to read where nothing is ever read.
Looking for that asks nothing of the database, which Django's own health check does with
every request.
"""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes from the pool only what the database has not hung up on."""

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
