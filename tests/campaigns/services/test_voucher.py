from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Voucher
from campaigns.services.voucher import (
    add_voucher,
    add_vouchers,
    create_voucher,
    delete_voucher,
    disable_voucher,
    enable_voucher,
    update_voucher,
)
from promo.errors import BadRequest, Duplicate, InvalidPayload, ResourceNotFound
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    CategoryFactory,
    PromotionFactory,
    VoucherFactory,
    template,
)
from tests.factories.tenancy import NOW, ProjectFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def create(project: Any = None, **body: Any) -> Voucher:
    values: dict[str, Any] = {"discount": TEN_PERCENT} | body
    return create_voucher(project=project or ProjectFactory(), now=NOW, **values)


def kinds() -> list[str]:
    return list(DomainEvent.objects.order_by("id").values_list("type", flat=True))


def test_a_voucher_is_created_with_the_given_code() -> None:
    voucher = create(code="HELLO", redemption={"quantity": 3}, metadata={"a": 1})

    assert (voucher.code, voucher.code_key) == ("HELLO", "HELLO")
    assert (voucher.redemption_quantity, voucher.redeemed_quantity) == (3, 0)
    assert voucher.metadata == {"a": 1}
    assert voucher.active is True
    event = DomainEvent.objects.get()
    assert event.type == "voucher.created"
    assert event.payload["voucher"]["code"] == "HELLO"
    assert event.payload["campaign"] is None


def test_a_code_is_made_by_the_code_config() -> None:
    config = {"pattern": "A-####", "charset": "XY"}

    voucher = create(code_config=config)

    assert voucher.code.startswith("A-")
    assert set(voucher.code[2:]) <= {"X", "Y"}


def test_the_project_charset_is_the_default() -> None:
    project = ProjectFactory(default_code_charset="Q")

    assert create(project).code == "QQQQQQQQ"


def test_a_taken_code_is_a_duplicate_even_in_the_bin() -> None:
    taken = VoucherFactory(code="HELLO", deleted_at=NOW)

    with pytest.raises(Duplicate) as refused:
        create(taken.project, code="HELLO")

    assert refused.value.details == "Duplicated voucher exists with id HELLO"
    assert Voucher.objects.count() == 1
    assert kinds() == []


def test_codes_that_differ_in_case_are_two_in_a_case_sensitive_project() -> None:
    taken = VoucherFactory(code="HELLO")

    assert create(taken.project, code="hello").code == "hello"


def test_codes_that_differ_in_case_are_one_in_a_case_insensitive_project() -> None:
    project = ProjectFactory(case_sensitive_codes=False)
    voucher = create(project, code="Hello")

    with pytest.raises(Duplicate):
        create(project, code="hELLO")

    assert voucher.code == "Hello"
    assert project.vouchers.by_reference("hello").get() == voucher


def test_case_counts_in_the_lookup_of_a_case_sensitive_project() -> None:
    voucher = VoucherFactory(code="HELLO")

    assert not voucher.project.vouchers.by_reference("hello").exists()


def test_an_id_wins_over_a_code_that_looks_like_it() -> None:
    first = VoucherFactory()
    second = VoucherFactory(project=first.project, code=first.pk)

    found = list(first.project.vouchers.by_reference(first.pk))

    assert found == [first, second]


def test_a_pattern_without_free_codes_is_refused() -> None:
    project = ProjectFactory()
    create(project, code_config={"pattern": "ONE"})

    with pytest.raises(BadRequest) as refused:
        create(project, code_config={"pattern": "ONE"})

    assert refused.value.key == "invalid_code_config"


@pytest.mark.parametrize("code", ["", " x", "x ", "a\tb", "x" * 256, 5])
def test_a_malformed_code_is_refused(code: Any) -> None:
    with pytest.raises(InvalidPayload):
        create(code=code)


@pytest.mark.parametrize(
    "body",
    [
        {"discount": None},
        {"discount": {"type": "AMOUNT"}},
        {"discount": None, "gift": {}},
        {"type": "GIFT_VOUCHER"},
        {"type": "LOYALTY_CARD"},
        {"discount": None, "loyalty_card": {"points": 10}},
    ],
)
def test_a_voucher_without_worth_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        create(**body)

    assert refused.value.key == "invalid_voucher"
    assert not Voucher.objects.exists()


def test_a_voucher_of_a_campaign_inherits_its_template() -> None:
    campaign = CampaignFactory(
        voucher=template(redemption={"quantity": 2}),
        expiration_date=LATER,
        metadata={"colour": "red"},
    )

    voucher = create_voucher(
        project=campaign.project,
        now=NOW,
        campaign=campaign.name,
        code="X",
        metadata={"size": "L"},
        expiration_date="2027-01-01",
    )

    campaign.refresh_from_db()
    assert campaign.vouchers_count == 1
    assert voucher.discount == TEN_PERCENT
    assert voucher.redemption_quantity == 2
    assert voucher.metadata == {"colour": "red", "size": "L"}
    assert voucher.own_fields == ["expiration_date"]
    assert voucher.expiration_date is not None
    assert voucher.expiration_date.year == 2027


def test_a_voucher_of_an_unknown_campaign_is_refused() -> None:
    with pytest.raises(ResourceNotFound):
        create(campaign="nowhere")


@pytest.mark.parametrize("kind", ["STANDALONE", "PROMOTION"])
def test_some_campaigns_take_no_codes(kind: str) -> None:
    campaign = PromotionFactory() if kind == "PROMOTION" else CampaignFactory(type=kind)

    with pytest.raises(BadRequest) as refused:
        add_voucher(campaign, now=NOW)

    assert refused.value.key == "invalid_campaign"
    assert refused.value.details == (
        f"You can not generate vouchers for {kind} type campaign."
    )


def test_a_full_campaign_takes_no_more_codes() -> None:
    campaign = CampaignFactory(vouchers_count=100_000)

    with pytest.raises(BadRequest) as refused:
        add_voucher(campaign, now=NOW)

    assert refused.value.key == "invalid_campaign_params"
    assert not Voucher.objects.exists()


def test_an_installation_sets_how_many_codes_a_campaign_may_have(settings) -> None:
    settings.MAX_CODES_PER_CAMPAIGN = 100_001
    campaign = CampaignFactory(vouchers_count=100_000)

    add_voucher(campaign, now=NOW)
    with pytest.raises(BadRequest) as refused:
        add_voucher(campaign, now=NOW)

    assert refused.value.details == "A campaign can have between 1 and 100001 vouchers"
    assert Voucher.objects.count() == 1


def test_promised_codes_count_against_the_ceiling() -> None:
    campaign = CampaignFactory()
    add_vouchers(campaign, count=60_000, now=NOW)

    with pytest.raises(BadRequest) as refused:
        add_vouchers(campaign, count=60_000, now=NOW)

    assert refused.value.key == "invalid_campaign_params"


def test_a_voucher_is_changed_and_no_longer_follows_its_campaign() -> None:
    campaign = CampaignFactory()
    category = CategoryFactory(project=campaign.project)
    voucher = VoucherFactory(campaign=campaign, metadata={"a": 1})

    changed = update_voucher(
        voucher,
        now=LATER,
        category_id=category.pk,
        additional_info="note",
        active=False,
        metadata={"b": 2},
        discount={"type": "PERCENT", "percent_off": 25},
        start_date="2026-04-01",
    )

    changed.refresh_from_db()
    assert changed.category == category
    assert changed.additional_info == "note"
    assert changed.active is False
    assert changed.metadata == {"a": 1, "b": 2}
    assert changed.discount == {"type": "PERCENT", "percent_off": 25}
    assert changed.own_fields == ["discount", "start_date"]
    assert changed.updated_at == LATER
    assert kinds() == ["voucher.updated"]


def test_the_discount_type_cannot_change() -> None:
    voucher = VoucherFactory()

    with pytest.raises(BadRequest) as refused:
        update_voucher(
            voucher, now=LATER, discount={"type": "AMOUNT", "amount_off": 100}
        )

    assert refused.value.key == "invalid_voucher"
    assert refused.value.details == (
        "It is not possible to change Voucher discount type"
    )
    voucher.refresh_from_db()
    assert voucher.discount == TEN_PERCENT


def test_a_voucher_is_disabled_and_enabled() -> None:
    voucher = VoucherFactory()

    assert disable_voucher(voucher, now=LATER).active is False
    assert enable_voucher(voucher, now=LATER).active is True
    assert kinds() == ["voucher.disabled", "voucher.enabled"]


def test_a_deleted_voucher_keeps_its_code_taken() -> None:
    campaign = CampaignFactory(vouchers_count=1)
    voucher = VoucherFactory(campaign=campaign, code="GONE")

    delete_voucher(voucher, now=LATER)

    campaign.refresh_from_db()
    assert campaign.vouchers_count == 0
    assert not campaign.project.vouchers.by_reference("GONE").exists()
    assert kinds() == ["voucher.deleted"]
    with pytest.raises(Duplicate):
        create(campaign.project, code="GONE")


def test_a_voucher_deleted_by_force_frees_its_code() -> None:
    voucher = VoucherFactory(code="GONE")

    delete_voucher(voucher, now=LATER, force=True)

    again = create(voucher.project, code="GONE")
    assert voucher.project.vouchers.by_reference("GONE").get() == again


def test_a_voucher_is_not_deleted_twice() -> None:
    voucher = VoucherFactory()
    delete_voucher(voucher, now=LATER)

    with pytest.raises(ResourceNotFound):
        delete_voucher(voucher, now=LATER)


@pytest.mark.parametrize("quantity", [0, 2**31, 1.5, "3"])
def test_a_limit_that_cannot_be_stored_is_refused(quantity: Any) -> None:
    with pytest.raises(InvalidPayload):
        create(code="A", redemption={"quantity": quantity})

    assert not Voucher.objects.exists()


def test_a_new_category_stands_last_also_where_no_place_is_left() -> None:
    last = CategoryFactory(hierarchy=2**31 - 1)

    voucher = create(last.project, category="New")

    assert voucher.category is not None
    assert (voucher.category.name, voucher.category.hierarchy) == ("New", 2**31 - 1)
