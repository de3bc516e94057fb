"""A receiver of webhooks as a program of its own, as bad as its paths are called.

Run as ``python receiving.py PORT LOG MENDED``. Each request becomes a line of JSON in
the file ``LOG`` before it is answered: its path, signature, body, and the status of the
answer, 0 where nothing whole is answered. Once the file ``MENDED`` exists, everything
is taken.
"""

import json
import os
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

#: What a path answers when it is at its worst; the silent one says nothing for a while.
WORST = {"/slow": 200, "/broken": 500, "/half": 0, "/redirect": 302, "/silent": 0}
#: Longer than a sender waits.
SILENCE_SECONDS = 12.0
SILENCES = 2
_MISHAPS = 0.3
_SLOW_SECONDS = 0.3
_CHANCES = Random()  # noqa: S311 - any will do


class Handler(BaseHTTPRequestHandler):
    """Takes a sendout down, and answers as its path does."""

    protocol_version = "HTTP/1.1"
    log: int
    mended: Path
    silences = SILENCES

    def do_POST(self) -> None:
        """Answer a sendout."""
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever sent it died before all was said: nobody would take it for whole.
            self.close_connection = True
            return
        status = self._status()
        line = {
            "path": self.path,
            "status": status,
            "signature": self.headers["x-voucherify-signature"],
            "body": body.decode(),
        }
        # One write: lines of several requests, and of a process before, do not mix.
        os.write(self.log, json.dumps(line).encode() + b"\n")
        if status:
            self._answer(status)
        else:
            self._hang_up()

    def _status(self) -> int:
        if self.path not in WORST or self.mended.exists():
            return 200
        if self.path == "/silent":
            Handler.silences -= 1
            return 200 if Handler.silences < 0 else 0
        if self.path == "/slow":
            time.sleep(_CHANCES.uniform(0, _SLOW_SECONDS))
            return 200
        return WORST[self.path] if _CHANCES.random() < _MISHAPS else 200

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        if status == WORST["/redirect"]:
            self.send_header("location", "/trap")
        self.end_headers()

    def _hang_up(self) -> None:
        """Say half a word and no more, at once or after a long silence."""
        if self.path == "/silent":
            time.sleep(SILENCE_SECONDS)
        self.close_connection = True
        try:
            self.connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-le")
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(port: int, log: str, mended: str) -> None:
    """Receive until killed."""
    Handler.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    Handler.mended = Path(mended)
    ThreadingHTTPServer.request_queue_size = 128
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
