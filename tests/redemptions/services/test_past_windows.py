"""Counters of windows that are over: forgotten, without anybody noticing."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from promo.ids import new_uuid
from redemptions.models import Counter
from redemptions.services.past_windows import forget_past_windows
from redemptions.services.verification import CHECKS
from redemptions.tasks import sweep_past_windows
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import ProjectFactory
from tests.redemptions.services.test_counters import REFUSED, SOON, undo, use, used

pytestmark = pytest.mark.django_db

#: The windows of a Sunday, and the count that never ends.
DAY, WEEK, MONTH = "count:d2027-03-14", "count:w2027-03-08", "count:m2027-03-01"
EVER = "count"
LATER = datetime(2027, 5, 1, tzinfo=UTC)


@pytest.fixture
def campaign(project):
    """A campaign that is limited by day, week and month, and in all."""
    campaign = CampaignFactory(project=project)
    VoucherFactory(project=project, campaign=campaign, code="HOT")
    names = (f"campaign.redemptions.count{end}" for end in ENDS)
    rules = {
        str(number): {"name": name, "conditions": {"$less_than_or_equal": [2]}}
        for number, name in enumerate(names, start=1)
    }
    AssignmentFactory(
        project=project,
        rule=ValidationRuleFactory(project=project, rules=rules),
        related_object_id=campaign.pk,
    )
    return campaign


ENDS = ("", ".daily", ".weekly", ".monthly")


def drifts():
    return [drift for check in CHECKS for drift in check.find()]


@pytest.mark.parametrize(
    ("day", "left"),
    [
        ((3, 22), {EVER, DAY, WEEK, MONTH}),
        ((3, 23), {EVER, MONTH}),
        ((4, 8), {EVER, MONTH}),
        ((4, 9), {EVER}),
    ],
)
def test_a_window_is_forgotten_a_week_after_its_end(project, campaign, day, left):
    use(project)
    assert used() == dict.fromkeys((EVER, DAY, WEEK, MONTH), 1)

    gone = forget_past_windows(datetime(2027, *day, tzinfo=UTC))

    assert used() == dict.fromkeys(left, 1)
    assert gone == 4 - len(left)
    assert drifts() == []


def test_an_old_redemption_is_rolled_back_exactly_all_the_same(project, campaign):
    row, _ = use(project), use(project)
    forget_past_windows(LATER)

    undo(project, row, LATER)

    assert used() == {EVER: 1}
    assert drifts() == []
    # Whoever asks for the window after all finds what stands in it.
    assert use(project, now=SOON).status == "SUCCEEDED"
    assert use(project, now=SOON) == REFUSED
    assert used() == dict.fromkeys((EVER, DAY, WEEK, MONTH), 2)
    assert drifts() == []


def rows_of_2020(project, count):
    return Counter.objects.bulk_create(
        Counter(project=project, subject=new_uuid(), bucket="count:d2020-02-29")
        for _ in range(count)
    )


def test_all_batches_are_forgotten_and_nothing_else(project):
    rows_of_2020(project, 2_001)
    kept = ["count", f"count:customer:{new_uuid().hex}", "units:prod_1", "gift"]
    Counter.objects.bulk_create(
        Counter(project=project, subject=new_uuid(), bucket=bucket) for bucket in kept
    )

    sweep_past_windows()

    buckets = Counter.objects.order_by("pk").values_list("bucket", flat=True)
    assert list(buckets) == kept


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_left_for_the_next_time():
    held, _ = rows_of_2020(ProjectFactory(), 2)
    gone = []

    def sweep():
        gone.append(forget_past_windows(LATER))
        connection.close()

    with transaction.atomic():
        Counter.objects.select_for_update(no_key=True).get(pk=held.pk)
        other = threading.Thread(target=sweep)
        other.start()
        other.join()

    assert gone == [1]
    assert list(Counter.objects.all()) == [held]
    assert forget_past_windows(LATER) == 1
