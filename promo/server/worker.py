"""The worker of gunicorn: connections go to where somebody has time for them."""

from gunicorn.workers.gthread import ThreadWorker


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """Takes a new connection only with a thread free to serve it.

    All processes listen at one socket, and gunicorn takes from it without end: a shop
    that opens its connections at once ended with all of them at one process, while the
    other one, and half of the machine, had nothing to do. Connections that are kept
    open without a request count for nothing.
    """

    @property
    def worker_connections(self) -> int:
        """Return the number of connections below which another one is taken."""
        quiet = len(self.keepalived_conns) + len(self.pending_conns)
        return min(self._most_connections, quiet + int(self.cfg.threads))

    @worker_connections.setter
    def worker_connections(self, most: int) -> None:
        self._most_connections = most
