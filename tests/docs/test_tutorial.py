"""The tutorial's scripts run as a newcomer runs them."""

import sys
from collections import Counter

import pytest

from customers.models import Customer
from promo.jobs.models import AsyncAction
from redemptions.models import Export, Redemption
from redemptions.models.redemption import Result
from tests.fixtures.serving import Serving

SCRIPTS = {
    "curl": ("sh", "docs/tutorial/with_curl.sh"),
    "python": (sys.executable, "docs/tutorial/with_python.py"),
}


@pytest.mark.parametrize("way", sorted(SCRIPTS))
def test_the_journey_goes_as_told(serving: Serving, way: str) -> None:
    done = serving.run(*SCRIPTS[way])

    last = done.stdout.splitlines()[-1:]
    assert (done.returncode, last) == (0, ["Everything went as told."]), done.stderr
    results = Redemption.objects.order_by("pk").values_list("object", "result")
    assert list(results) == [
        ("redemption", Result.SUCCESS),
        ("redemption", Result.FAILURE),
        ("redemption_rollback", Result.SUCCESS),
        ("redemption", Result.SUCCESS),
    ]


def test_the_whole_checkout_goes_as_told(serving: Serving) -> None:
    done = serving.run(sys.executable, "docs/tutorial/whole_checkout.py")

    last = done.stdout.splitlines()[-1:]
    assert (done.returncode, last) == (0, ["Everything went as told."]), done.stderr
    found = Redemption.objects.values_list("object", "result", "related_object_type")
    assert Counter(found) == {
        ("redemption", Result.SUCCESS, "voucher"): 5,
        ("redemption", Result.SUCCESS, "promotion_tier"): 1,
        ("redemption", Result.SUCCESS, "redemption"): 1,
        ("redemption_rollback", Result.SUCCESS, "voucher"): 4,
        ("redemption_rollback", Result.SUCCESS, "promotion_tier"): 1,
        ("redemption_rollback", Result.SUCCESS, "redemption"): 1,
    }


def test_many_at_once_goes_as_told(serving: Serving) -> None:
    done = serving.run(sys.executable, "docs/tutorial/many_at_once.py")

    last = done.stdout.splitlines()[-1:]
    assert (done.returncode, last) == (0, ["Everything went as told."]), done.stderr
    # 300 rows without the 7 wrong ones, and one that a bulk update made.
    assert Customer.objects.count() == 294
    assert Counter(AsyncAction.objects.values_list("type", "status")) == {
        (kind, "DONE"): times
        for kind, times in {
            "CUSTOMERS.IMPORT_CSV": 1,
            "PRODUCTS.IMPORT_CSV": 1,
            "SKUS.IMPORT_CSV": 1,
            "VOUCHERS.IMPORT_CSV": 1,
            "CAMPAIGN.VOUCHERS_IMPORT_CSV": 1,
            "CUSTOMERS.BULK_UPDATE": 1,
            "CUSTOMERS.METADATA_UPDATE": 1,
            "PRODUCTS.BULK_UPDATE": 1,
            "PRODUCTS.METADATA_UPDATE": 1,
            "VOUCHERS.BULK_UPDATE": 1,
            "VOUCHERS.METADATA_UPDATE": 1,
        }.items()
    }
    exports = Export.objects.order_by("created_at")
    found = exports.values_list("exported_object", "status", "rows")
    assert list(found) == [("customer", "DONE", 2), ("voucher", "DONE", 2)]
