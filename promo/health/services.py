"""Whether the programs that Promo stands on answer."""

import os
from functools import cache

import psycopg
import redis
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from promo import broker
from promo.health.check import PATIENCE_SECONDS, Check

_IN_TIME = f"an answer within {PATIENCE_SECONDS} s"
_NAMED_MIGRATIONS = 5


def check_database() -> Check:
    """Return whether the database takes a connection and answers.

    The pool would wait for one much longer.
    """
    where = connection.get_connection_params() | {"connect_timeout": PATIENCE_SECONDS}
    try:
        with psycopg.connect(**where) as own:
            own.execute(f"SET LOCAL statement_timeout = '{PATIENCE_SECONDS}s'")
            own.execute("SELECT 1")
    except psycopg.Error as error:
        return _failed("database", _IN_TIME, error)
    return Check("database", passed=True, expected=_IN_TIME, found="an answer")


def check_migrations() -> Check:
    """Return whether the database has every migration of this code."""
    expected = "every migration applied"
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as error:
        return _failed("migrations", expected, error)
    missing = sorted(f"{app}.{name}" for app, name in _migrations() - applied.keys())
    named = ", ".join(missing[:_NAMED_MIGRATIONS])
    return Check(
        "migrations",
        passed=not missing,
        expected=expected,
        found=f"{len(missing)} missing: {named}" if missing else "none missing",
    )


def check_broker() -> Check:
    """Return whether the queue of background work can be reached."""
    if settings.CELERY_BROKER_URL == broker.ADDRESS:
        return _folder(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
    options = {}
    if settings.CELERY_BROKER_URL.startswith("redis"):
        options = dict.fromkeys(
            ("socket_connect_timeout", "socket_timeout"), PATIENCE_SECONDS
        )
    asked = current_app.connection_for_write(
        settings.CELERY_BROKER_URL,
        connect_timeout=PATIENCE_SECONDS,
        transport_options=options,
    )
    try:
        # By itself a connection would try again, and wait in between.
        asked.transport.close_connection(asked.transport.establish_connection())
    except (*asked.connection_errors, *asked.channel_errors) as error:
        return _failed("broker", _IN_TIME, error)
    return Check("broker", passed=True, expected=_IN_TIME, found="an answer")


def check_cache() -> Check:
    """Return whether the cache that processes share can be reached."""
    if not settings.REDIS_URL:
        expected = "memory of each process, as REDIS_URL is not set"
        return Check("cache", passed=True, expected=expected, found="memory")
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
    )
    try:
        with client:
            client.ping()
    except redis.RedisError as error:
        return _failed("cache", _IN_TIME, error)
    return Check("cache", passed=True, expected=_IN_TIME, found="an answer")


def _folder(folder: str) -> Check:
    writable = os.access(folder, os.W_OK)
    return Check(
        "broker",
        passed=writable,
        expected="a folder that can be written to",
        found="a folder that can be written to" if writable else "none",
    )


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return frozenset(disk or ())


def _failed(name: str, expected: str, error: Exception) -> Check:
    # Messages name hosts and people; who may see them reads the log.
    return Check(name, passed=False, expected=expected, found=type(error).__name__)
