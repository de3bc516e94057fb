"""The WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from promo.embedded.startup import start_if_used

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")

application = get_wsgi_application()
# Each web process holds the embedded server: when the supervisor is killed outright,
# the last of them stops it.
start_if_used()
# All views are loaded now instead of by the first requests. What is loaded stays, so
# the collector need not walk through it, for a tenth of a second, in the midst of
# some checkout.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
