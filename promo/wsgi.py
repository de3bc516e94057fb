"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from promo.embedded.startup import start_if_used
from promo.heap import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")

application = get_wsgi_application()
# Each web process holds the embedded server: when the supervisor is killed outright,
# the last of them stops it.
start_if_used()
# All views are loaded now instead of by the first requests.
_ = get_resolver().url_patterns
settle()
