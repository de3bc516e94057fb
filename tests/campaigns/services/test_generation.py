"""Generation survives a killed worker, collisions and rivals."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Voucher
from campaigns.services import code_batches
from campaigns.services.campaign import delete_campaign, update_campaign
from campaigns.services.voucher import add_voucher, add_vouchers
from promo.errors import BadRequest, Duplicate
from promo.jobs import tasks
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import CampaignFactory, VoucherFactory, template
from tests.factories.tenancy import NOW, ProjectFactory

LATER = NOW + timedelta(minutes=5)


def run_to_end(action: AsyncAction) -> AsyncAction:
    while run_step(action.pk, now=LATER):
        pass
    action.refresh_from_db()
    return action


def at_once(*works: Callable[[], Any]) -> None:
    """Run functions side by side, each on a connection of its own."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        start.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
def test_the_codes_differ_from_the_template_where_the_request_says_so() -> None:
    campaign = CampaignFactory(voucher=template(redemption={"quantity": 5}))

    action = add_vouchers(
        campaign,
        count=2,
        now=NOW,
        redemption={"quantity": 1},
        category="Fresh",
        start_date=NOW,
        additional_info="batch",
        code_config={"prefix": "X-"},
    )
    run_to_end(action)

    made = list(campaign.vouchers.select_related("category"))
    assert len(made) == 2
    for voucher in made:
        assert voucher.code.startswith("X-")
        assert voucher.redemption_quantity == 1
        assert voucher.category is not None
        assert voucher.category.name == "Fresh"
        assert voucher.start_date == NOW
        assert voucher.additional_info == "batch"
        assert voucher.async_action_id == action.pk
        assert voucher.own_fields == ["redemption_quantity", "start_date"]


@pytest.mark.django_db
def test_bulk_codes_send_no_event_each() -> None:
    run_to_end(add_vouchers(CampaignFactory(), count=3, now=NOW))

    told = DomainEvent.objects.values_list("type", flat=True)
    assert "voucher.created" not in told


@pytest.mark.django_db
def test_a_pattern_that_would_be_more_than_half_full_is_refused() -> None:
    campaign = CampaignFactory(
        voucher=template(code_config={"charset": "AB", "pattern": "##"})
    )
    VoucherFactory(project=campaign.project, code="AA")

    with pytest.raises(BadRequest) as refused:
        add_vouchers(campaign, count=2, now=NOW)

    assert refused.value.key == "invalid_code_config"
    assert not AsyncAction.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("pattern", "compares"), [("#" * 7, False), ("###", True)])
def test_vouchers_are_compared_with_a_pattern_only_where_they_could_fill_it(
    pattern: str, *, compares: bool
) -> None:
    config = {"charset": "0123456789", "pattern": pattern}
    campaign = CampaignFactory(voucher=template(code_config=config))
    VoucherFactory(project=campaign.project)

    with CaptureQueriesContext(connection) as captured:
        add_vouchers(campaign, count=480, now=NOW)

    assert any(" ~ " in query["sql"] for query in captured) is compares


@pytest.mark.django_db
def test_a_pattern_without_blanks_makes_one_code_only() -> None:
    campaign = CampaignFactory()

    with pytest.raises(BadRequest) as refused:
        add_vouchers(campaign, count=2, now=NOW, code_config={"pattern": "ONE"})

    assert refused.value.key == "invalid_code_config"


@pytest.mark.django_db
def test_generation_that_finds_no_free_code_fails_and_keeps_what_it_made() -> None:
    campaign = CampaignFactory(
        voucher=template(code_config={"charset": "AB", "pattern": "###"})
    )
    action = add_vouchers(campaign, count=4, now=NOW)
    for code in ("AAA", "AAB", "ABA", "ABB", "BAA", "BAB"):
        VoucherFactory(project=campaign.project, code=code)

    run_to_end(action)

    campaign.refresh_from_db()
    assert action.status == "FAILED"
    assert action.result["done_count"] == campaign.vouchers_count == 2
    assert action.result["error"]["key"] == "invalid_code_config"
    assert campaign.vouchers_generation_status == "FAILED"
    assert campaign.vouchers.count() == 2


@pytest.mark.django_db
def test_case_insensitive_codes_never_differ_by_case_alone() -> None:
    project = ProjectFactory(case_sensitive_codes=False)
    campaign = CampaignFactory(
        project=project, voucher=template(code_config={"charset": "aA", "length": 4})
    )

    with pytest.raises(BadRequest):
        add_vouchers(campaign, count=2, now=NOW)


@pytest.mark.django_db
def test_later_codes_take_the_template_as_it_is_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(code_batches, "BATCH", 1000)
    campaign = CampaignFactory()
    action = add_vouchers(campaign, count=1001, now=NOW)
    run_step(action.pk, now=NOW)
    update_campaign(campaign, now=NOW, expiration_date=LATER)

    run_to_end(action)
    update = AsyncAction.objects.get(type="CAMPAIGN.VOUCHERS_UPDATE")
    run_to_end(update)

    expirations = set(campaign.vouchers.values_list("expiration_date", flat=True))
    assert expirations == {LATER}
    assert update.result["done_count"] == 1001


@pytest.mark.django_db
def test_generation_for_a_deleted_campaign_ends_quietly() -> None:
    campaign = CampaignFactory()
    action = add_vouchers(campaign, count=5, now=NOW)
    delete_campaign(campaign, now=NOW)

    run_to_end(action)

    assert action.status == "DONE"
    assert action.result["done_count"] == 0
    assert not Voucher.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_costs_no_code_and_makes_none_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(code_batches, "BATCH", 1000)
    campaign = CampaignFactory()
    action = add_vouchers(campaign, count=2500, now=NOW)
    run_step(action.pk, now=NOW)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(code_batches, "count_new_codes", killed)
        with pytest.raises(KeyboardInterrupt):
            run_step(action.pk, now=NOW)
    assert campaign.vouchers.count() == 1000
    assert tasks.stale_actions(LATER) == [action.pk]

    run_to_end(action)

    campaign.refresh_from_db()
    assert campaign.vouchers.count() == campaign.vouchers_count == 2500


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_make_more_than_asked() -> None:
    campaign = CampaignFactory()
    action = add_vouchers(campaign, count=3000, now=NOW)

    at_once(*[lambda: run_to_end(AsyncAction.objects.get(pk=action.pk))] * 3)
    run_to_end(action)

    campaign.refresh_from_db()
    assert campaign.vouchers.count() == campaign.vouchers_count == 3000


@pytest.mark.django_db(transaction=True)
def test_rival_generations_of_one_small_pattern_never_share_a_code() -> None:
    project = ProjectFactory()
    config = {"charset": "0123456789", "pattern": "####"}
    pair = [
        CampaignFactory(project=project, voucher=template(code_config=config))
        for _ in range(2)
    ]
    actions = [add_vouchers(one, count=2000, now=NOW) for one in pair]

    at_once(*[lambda one=one: run_to_end(one) for one in actions])

    codes = list(project.vouchers.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == 4000


@pytest.mark.django_db(transaction=True)
def test_a_code_given_by_two_requests_at_once_is_made_once() -> None:
    campaign = CampaignFactory()
    outcomes: list[str] = []

    def add() -> None:
        try:
            add_voucher(campaign, now=NOW, code="SAME")
            outcomes.append("made")
        except Duplicate:
            outcomes.append("duplicate")

    at_once(add, add, add)

    campaign.refresh_from_db()
    assert sorted(outcomes) == ["duplicate", "duplicate", "made"]
    assert campaign.vouchers_count == campaign.vouchers.count() == 1
