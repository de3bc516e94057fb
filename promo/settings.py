"""Settings, all from the environment; every name stands in docs/settings.md."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from django.urls import reverse_lazy

from promo import broker
from promo.admin import theme
from promo.embedded.address import socket_folder
from promo.secret_key import local_secret_key
from promo.sign_in.settings import *  # noqa: F403 - settings of their own
from promo.wiring import *  # noqa: F403 - settings of their own

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret_key(DATA_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
# Where `manage.py serve` listens.
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
# How people reach this installation: in links that go out by e-mail and in answers.
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://{HOST}:{PORT}").rstrip("/")
ROOT_URLCONF = "promo.urls"
WSGI_APPLICATION = "promo.wsgi.application"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "corsheaders",
    "django_celery_beat",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "promo.tenancy",
    "promo.approvals",
    "promo.outbox",
    "promo.jobs",
    "promo.metadata_schemas",
    "promo.api",
    "promo.call_log",
    "promo.audit",
    "promo",
    "customers",
    "campaigns",
    "redemptions",
    "webhooks",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "promo.metrics.middleware.CountRequests",
    "promo.call_log.middleware.CallLog",
    "promo.api.middleware.ApiMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "promo.admin.middleware.PageSessions",
    "promo.admin.middleware.PageSecurity",
    "promo.admin.middleware.PageCsrf",
    "promo.admin.middleware.PageUsers",
    "promo.admin.middleware.PageMessages",
    "allauth.account.middleware.AccountMiddleware",
    "promo.admin.middleware.PageVisit",
    "promo.sign_in.demand.SecondFactorDemand",
    "promo.audit.middleware.TellWho",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database: DATABASE_URL, else the embedded PostgreSQL in the data folder. Settings
# only name the socket; whoever needs the server starts it.
EMBEDDED_POSTGRES_FOLDER = DATA_DIR / "postgres"
DATABASE_URL = env.str("DATABASE_URL", default="")
USES_EMBEDDED_POSTGRES = not DATABASE_URL
# Where given, the embedded server listens on 127.0.0.1 as well, for outside tools.
EMBEDDED_POSTGRES_PORT = env.int("EMBEDDED_POSTGRES_PORT", default=None)
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=8)
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL")
    if DATABASE_URL
    else {
        "HOST": str(socket_folder(EMBEDDED_POSTGRES_FOLDER)),
        "PORT": str(EMBEDDED_POSTGRES_PORT or 5432),
        "NAME": "promo",
        "USER": "promo",
    }
}
DATABASES["default"]["ENGINE"] = "promo.database"
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASES["default"].setdefault("OPTIONS", {})
# What is asked again and again is planned once a connection: the checkout's few
# statements cost PostgreSQL more to plan than to answer.
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 2}
if DATABASE_POOL_SIZE:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 0,
        "max_size": DATABASE_POOL_SIZE,
        "timeout": 30,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_KEY_PREFIX", default="promo"),
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# People
AUTH_USER_MODEL = "tenancy.User"
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
# How long the link of an invitation lives.
INVITATION_DAYS = max(1, env.int("INVITATION_DAYS", default=7))
# So many sign-ins with one address may fail before it is locked, and for how long;
# 0 minutes is until somebody unlocks it.
AXES_FAILURE_LIMIT = max(1, env.int("SIGN_IN_ATTEMPTS", default=8))
_LOCKED_MINUTES = env.int("SIGN_IN_LOCK_MINUTES", default=30)
AXES_COOLOFF_TIME = timedelta(minutes=_LOCKED_MINUTES) if _LOCKED_MINUTES > 0 else None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "promo.formats"
UNFOLD = theme.UNFOLD

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
# Files that people download: in the data folder, else in any storage that Django
# knows, by its class and the options it takes.
MEDIA_ROOT = DATA_DIR / "files"
_LOCAL_FILES = "django.core.files.storage.FileSystemStorage"
_OWN_EYES_ONLY = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
FILE_STORAGE_BACKEND = env.str("FILE_STORAGE_BACKEND", default=_LOCAL_FILES)
STORAGES = {
    "default": {
        "BACKEND": FILE_STORAGE_BACKEND,
        "OPTIONS": env.json("FILE_STORAGE_OPTIONS", default={})
        or (_OWN_EYES_ONLY if FILE_STORAGE_BACKEND == _LOCAL_FILES else {}),
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# E-mail: EMAIL_URL, else files in the data folder that somebody may open.
EMAIL_URL = env.str("EMAIL_URL", default="")
_EMAIL: dict[str, Any] = env.email_url("EMAIL_URL") if EMAIL_URL else {}
EMAIL_BACKEND = _EMAIL.get(
    "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = _EMAIL.get("EMAIL_FILE_PATH") or str(DATA_DIR / "mail")
EMAIL_HOST = _EMAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _EMAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _EMAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Promo <promo@localhost>")
# Distributions: whom customers get e-mail from, and how text messages get to phones.
DISTRIBUTION_FROM_EMAIL = env.str("DISTRIBUTION_FROM_EMAIL", default=DEFAULT_FROM_EMAIL)
SMS_ADAPTER = env.str("SMS_ADAPTER", default="webhooks.channels.sms_adapters.Folder")
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", default="")
SMS_SENDER = env.str("SMS_SENDER", default="")

# The API
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=10_485_760)
MAX_CODES_PER_CAMPAIGN = env.int("MAX_CODES_PER_CAMPAIGN", default=100_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# The header in which a trusted proxy names the client's address, for allow-lists.
TRUSTED_PROXY_HEADER = env.str("TRUSTED_PROXY_HEADER", default="")
# How long calls are kept; 0 keeps none.
CALL_LOG_DAYS = max(0, env.int("CALL_LOG_DAYS", default=180))
# How long the audit log is kept; 0 keeps it for good.
AUDIT_LOG_DAYS = max(0, env.int("AUDIT_LOG_DAYS", default=2557))
# How long events are kept; 0 keeps them for good.
EVENT_LOG_DAYS = max(0, env.int("EVENT_LOG_DAYS", default=730))
# Webhooks: the networks into which they may lead, how many workers send at once, how
# many sendouts are under way in a process and for one webhook, whom HTTPS trusts, how
# long sendouts are kept.
WEBHOOK_ALLOWED_NETWORKS = [
    ip_network(each) for each in env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])
]
WEBHOOK_SENDERS = env.int("WEBHOOK_SENDERS", default=1)
WEBHOOK_AT_ONCE = env.int("WEBHOOK_AT_ONCE", default=32)
WEBHOOK_CONCURRENCY = env.int("WEBHOOK_CONCURRENCY", default=8)
WEBHOOK_CA_FILE = env.str("WEBHOOK_CA_FILE", default="")
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", default=30)
# Distributions: how many messages a project sends a day at most, 0 for any number, and
# how long those that are over are kept.
DISTRIBUTION_MESSAGES_PER_DAY = max(
    0, env.int("DISTRIBUTION_MESSAGES_PER_DAY", default=0)
)
DISTRIBUTION_LOG_DAYS = env.int("DISTRIBUTION_LOG_DAYS", default=365)
# The event bus: which brokers, how they are reached, and what is said there. Without
# brokers there is none.
KAFKA_BOOTSTRAP_SERVERS = env.str("KAFKA_BOOTSTRAP_SERVERS", default="")
KAFKA_SECURITY_PROTOCOL = env.str("KAFKA_SECURITY_PROTOCOL", default="PLAINTEXT")
KAFKA_SASL_MECHANISM = env.str("KAFKA_SASL_MECHANISM", default="")
KAFKA_SASL_USERNAME = env.str("KAFKA_SASL_USERNAME", default="")
KAFKA_SASL_PASSWORD = env.str("KAFKA_SASL_PASSWORD", default="")
KAFKA_CA_FILE = env.str("KAFKA_CA_FILE", default="")
KAFKA_CLIENT_OPTIONS = env.json("KAFKA_CLIENT_OPTIONS", default={})
KAFKA_EVENTS_TOPIC = env.str("KAFKA_EVENTS_TOPIC", default="promo.{project}.events.v1")
KAFKA_EVENTS_MODE = env.str("KAFKA_EVENTS_MODE", default="binary")
KAFKA_EVENTS_PREFIX = env.str("KAFKA_EVENTS_PREFIX", default="promo")
KAFKA_INGEST_PROJECT = env.str("KAFKA_INGEST_PROJECT", default="")
KAFKA_INGEST_TOPIC = env.str("KAFKA_INGEST_TOPIC", default="promo.ingest.{kind}.v1")
KAFKA_INGEST_ERASES = env.bool("KAFKA_INGEST_ERASES", default=False)
KAFKA_INGEST_DAYS = env.int("KAFKA_INGEST_DAYS", default=30)
KAFKA_MAX_BYTES = env.int("KAFKA_MAX_BYTES", default=1_000_000)
CORS_URLS_REGEX = r"^/client/v1/"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "origin",
    "x-client-application-id",
    "x-client-token",
    "x-voucherify-api-version",
    "x-voucherify-channel",
    "x-voucherify-double-opt-in",
]
CORS_EXPOSE_HEADERS = ["x-request-id"]
REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["promo.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["promo.api.renderers.ApiJSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["promo.api.authentication.ServerKey"],
    "DEFAULT_SCHEMA_CLASS": "promo.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "promo.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Promo API",
    "DESCRIPTION": "Qualify, validate, redeem and roll back promotions.",
    "VERSION": "2018-08-01",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Choices stand where they are used: many fields are called type or object.
    "POSTPROCESSING_HOOKS": [],
}

# Work in the background
# The broker: CELERY_BROKER_URL, else a folder of messages in the data folder.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or broker.ADDRESS
if CELERY_BROKER_URL == broker.ADDRESS:
    CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(DATA_DIR / "broker")
    # A worker is one process: several of a pool would read tasks from one pipe, and who
    # is killed at it takes the lock along that the others wait for.
    CELERY_WORKER_POOL = "solo"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 16
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "relay-events": {"task": "promo.outbox.tasks.relay_events", "schedule": 2.0},
    "keep-events": {"task": "promo.outbox.tasks.keep_months", "schedule": 3600.0},
    "sweep-actions": {"task": "promo.jobs.tasks.sweep_actions", "schedule": 15.0},
    "forget-rows": {"task": "promo.jobs.tasks.forget_what_ended", "schedule": 3600.0},
    "keep-call-log": {"task": "promo.call_log.tasks.keep_months", "schedule": 3600.0},
    "keep-audit-log": {"task": "promo.audit.tasks.keep_months", "schedule": 3600.0},
    "forget-in-call-log": {
        "task": "promo.call_log.tasks.forget_in_late_calls",
        "schedule": 60.0,
    },
    "send-letters": {"task": "promo.tenancy.tasks.send_letters", "schedule": 5.0},
    "deliver": {"task": "webhooks.tasks.deliver", "schedule": 2.0},
    "send-notices": {"task": "webhooks.tasks.send_notices", "schedule": 60.0},
    "forget-records": {"task": "webhooks.tasks.forget_records", "schedule": 3600.0},
    "forget-sendouts": {"task": "webhooks.tasks.forget_sendouts", "schedule": 3600.0},
    "run-distributions": {
        "task": "webhooks.tasks.run_distributions",
        "schedule": 60.0,
    },
    "send-messages": {"task": "webhooks.tasks.send_messages", "schedule": 60.0},
    "forget-messages": {"task": "webhooks.tasks.forget_messages", "schedule": 3600.0},
    "follow-clock": {"task": "customers.tasks.follow_clock", "schedule": 300.0},
    "send-confirmations": {
        "task": "customers.tasks.send_confirmations",
        "schedule": 5.0,
    },
    "sweep-unconfirmed": {
        "task": "customers.tasks.sweep_unconfirmed",
        "schedule": 3600.0,
    },
    "sweep-sessions": {
        "task": "redemptions.tasks.sweep_expired_sessions",
        "schedule": 60.0,
    },
    "sweep-exports": {"task": "redemptions.tasks.sweep_exports", "schedule": 15.0},
    "run-scheduled-exports": {
        "task": "redemptions.tasks.run_scheduled_exports",
        "schedule": 60.0,
    },
    "remove-old-exports": {
        "task": "redemptions.tasks.remove_old_exports",
        "schedule": 3600.0,
    },
    "check-budgets": {"task": "redemptions.tasks.check_budgets", "schedule": 15.0},
    "send-reports": {"task": "redemptions.tasks.send_reports", "schedule": 60.0},
    "keep-versions": {"task": "campaigns.tasks.keep_versions", "schedule": 3600.0},
    "check-ledger": {
        "task": "redemptions.tasks.check_ledger",
        "schedule": crontab(hour="3", minute="15"),
    },
    "build-reports": {"task": "redemptions.tasks.build_reports", "schedule": 60.0},
    "sweep-windows": {
        "task": "redemptions.tasks.sweep_past_windows",
        "schedule": 3600.0,
    },
}

# Watching over it
# Where every process of this machine keeps its counts; else each keeps its own.
METRICS_DIR = env.str("PROMETHEUS_MULTIPROC_DIR", default="")
# What Prometheus shows at /metrics; without it only this machine may ask.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# More that waits is 503 at /readyz; None leaves that to whoever watches the metrics.
READY_EVENT_BACKLOG = env.int("READY_EVENT_BACKLOG", default=None)
READY_BUS_LAG = env.int("READY_BUS_LAG", default=None)
READY_INGEST_LAG = env.int("READY_INGEST_LAG", default=None)
READY_JOB_BACKLOG = env.int("READY_JOB_BACKLOG", default=None)


# Transport security, for an installation behind HTTPS.
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=False)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if env.bool("TRUST_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
# promo.admin.middleware.PageCsrf is Django's CSRF protection, for pages alone: the
# check looks for the class by name. API callers show keys, never cookies.
# promo.sign_in.views.SignIn says itself that somebody is locked out, where django-axes
# has a middleware for it; and who is locked is a person, wherever the tries come from.
SILENCED_SYSTEM_CHECKS = ["security.W003", "axes.W002", "axes.W006"]
