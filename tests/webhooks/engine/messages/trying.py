"""How many situations a property is tried on."""

import os

from hypothesis import HealthCheck, settings

#: A decorator. How fast examples come says nothing: the machine may be busy.
tried = settings(
    max_examples=int(os.environ.get("PROMO_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
