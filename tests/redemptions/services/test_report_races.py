"""Relays and shops at the same moment: every fact counts once."""

import pytest

from promo.outbox.relay import publish_batch
from redemptions.models import ReportSum
from redemptions.services.report_proof import rebuild_reports
from tests.admin_site import make_project
from tests.races import at_once
from tests.redemptions.services.report_shop import (
    START,
    Shop,
    drifts,
    relay_all,
    stocked,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_figures_equal_the_rows_while_shops_and_relays_race():
    project = stocked(make_project(timezone="Europe/Paris"))
    found = []

    def shop(seed):
        def work():
            here = Shop(project, seed)
            for _ in range(25):
                here.step()

        return work

    def relaying():
        for _ in range(40):
            publish_batch(now=START, size=5, shards=4)

    def proving():
        for _ in range(6):
            found.extend(drifts())
        rebuild_reports(project, now=START)
        found.extend(drifts())

    at_once(shop(1), shop(2), relaying, relaying, relaying, proving)
    relay_all()

    assert found == []
    assert drifts() == []
    assert project.redemptions.filter(result="SUCCESS").count() > 20
    whole = ReportSum.objects.filter(scope=project.pk.removeprefix("proj_"))
    assert sum(whole.values_list("redemptions", flat=True)) == (
        project.redemptions.filter(object="redemption", result="SUCCESS")
        .exclude(voucher=None)
        .count()
    )
