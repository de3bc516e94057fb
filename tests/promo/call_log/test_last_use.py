"""A key tells when it was last used, to the minute, and that is no change of it."""

from datetime import timedelta

import pytest

from promo.audit.models import Change
from tests.admin_site import make_project
from tests.promo.call_log.calls import NOON, store_call

pytestmark = pytest.mark.django_db
SECONDS = timedelta(seconds=30)


def test_a_key_tells_when_it_was_last_used() -> None:
    project = make_project()
    used, other = project.keys.order_by("kind")[:2]
    before = Change.objects.count()

    store_call(project, app_id=used.app_id)
    store_call(project, app_id=used.app_id, created_at=NOON + SECONDS)
    store_call(project, app_id=used.app_id, created_at=NOON - 4 * SECONDS)

    used.refresh_from_db()
    other.refresh_from_db()
    assert used.last_used_at == NOON
    assert other.last_used_at is None
    assert Change.objects.count() == before


def test_a_later_minute_counts() -> None:
    project = make_project()
    used = project.keys.order_by("kind")[0]
    store_call(project, client_app_id=used.app_id)

    store_call(project, client_app_id=used.app_id, created_at=NOON + 3 * SECONDS)

    used.refresh_from_db()
    assert used.last_used_at == NOON + 3 * SECONDS
