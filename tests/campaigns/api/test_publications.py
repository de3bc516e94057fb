"""``/v1/publications``: who gets which code, once however often it is asked."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Publication, Voucher
from customers.models import Customer
from promo.clock import utc_now
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

PATH = "/v1/publications"


def ask(api: ApiClient, **body: Any) -> Any:
    return api.post(PATH, {"customer": {"source_id": "ada"}, **body})


def refused(api: ApiClient, **body: Any) -> tuple[int, str]:
    """Return status and key of a request that must not give anything away."""
    held = set(Voucher.objects.values_list("code", "holder", "publications_count"))
    answer = ask(api, **body)
    after = set(Voucher.objects.values_list("code", "holder", "publications_count"))
    assert after == held
    return answer.status_code, answer.json()["key"]


def test_a_code_of_a_campaign_goes_to_the_customer(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, name="Spring")
    VoucherFactory(campaign=campaign, code="USED", publications_count=1)
    VoucherFactory(campaign=campaign, code="OFF", active=False)
    VoucherFactory(campaign=campaign, code="FREE")

    shown = ask(api, campaign={"name": "Spring"}, channel="mail").json()

    ada = Customer.objects.get(source_id="ada")
    voucher = Voucher.objects.get(code="FREE")
    assert (voucher.holder_id, voucher.publications_count) == (ada.pk, 1)
    assert shown["customer_id"] == ada.pk
    assert shown["voucher"]["code"] == "FREE"
    assert shown["voucher"]["holder_id"] == ada.pk
    assert shown["voucher"]["publish"]["count"] == 1
    assert "validation_rules_assignments" not in shown["voucher"]
    assert shown["vouchers_id"] == [voucher.pk]
    assert (shown["result"], shown["channel"], shown["source_id"]) == (
        "SUCCESS",
        "mail",
        None,
    )
    assert shown["tracking_id"] == "ada"
    told = DomainEvent.objects.order_by("id").values_list("type", flat=True)
    assert list(told) == [
        "customer.created",
        "publication.succeeded",
        "voucher.published",
        "customer.publication.succeeded",
    ]
    payloads = {each.type: each.payload for each in DomainEvent.objects.all()}
    given = payloads["customer.publication.succeeded"]
    assert set(given) == {"customer", "campaign", "publication", "voucher"}
    assert payloads["publication.succeeded"] == {**given, "user": None}
    assert payloads["voucher.published"] == {
        **given,
        "created_at": shown["created_at"],
    }
    assert given["publication"] == shown


def test_several_codes_come_as_a_list(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    made = [VoucherFactory(campaign=campaign, code=code) for code in "ABC"]

    shown = ask(api, campaign={"name": campaign.pk, "count": 2}).json()

    [listed] = api.get(PATH).json()["publications"]
    for one in (shown, listed):
        assert one["vouchers"] == ["A", "B"]
        assert one["vouchers_id"] == [made[0].pk, made[1].pk]
        assert "voucher" not in one
    assert Voucher.objects.filter(publications_count=1).count() == 2
    told = DomainEvent.objects.filter(type="voucher.published").order_by("id")
    assert [one.payload["voucher"]["code"] for one in told] == ["A", "B"]


def test_a_campaign_that_grows_makes_what_is_missing(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, type="AUTO_UPDATE")

    shown = ask(api, campaign=campaign.name).json()

    voucher = Voucher.objects.get()
    assert shown["voucher"]["code"] == voucher.code
    assert voucher.holder.source_id == "ada"


@pytest.mark.spec("rules 9.1 `activity_duration_after_publishing`")
@pytest.mark.spec("rules 9.3 `activity_duration_after_publishing`")
@pytest.mark.spec("rules 9.3 second publication of the same code")
def test_the_time_a_code_is_good_for_starts_with_the_first_publication(
    api: ApiClient,
) -> None:
    campaign = CampaignFactory(
        project=api.project,
        activity_duration_after_publishing="PT48H",
        expiration_date=utc_now() + timedelta(hours=1),
    )
    VoucherFactory(campaign=campaign, code="MINE")
    ask(api, voucher="MINE")
    voucher = Voucher.objects.get()
    first = (voucher.start_date, voucher.expiration_date)

    ask(api, voucher="MINE")

    voucher.refresh_from_db()
    assert first[1] - first[0] == timedelta(hours=48)
    assert (voucher.start_date, voucher.expiration_date) == first
    assert voucher.publications_count == 2
    assert voucher.own_fields == ["expiration_date", "start_date"]


@pytest.mark.parametrize("customer", ["ada", {"source_id": "ada"}])
def test_a_text_names_the_customer_too(api: ApiClient, customer: Any) -> None:
    VoucherFactory(project=api.project, code="MINE")

    shown = ask(api, voucher="MINE", customer=customer).json()

    assert shown["customer"]["source_id"] == "ada"


def test_a_text_may_be_the_id_of_somebody_known(api: ApiClient) -> None:
    ada = CustomerFactory(project=api.project)
    VoucherFactory(project=api.project, code="MINE")

    shown = ask(api, voucher="MINE", customer=ada.pk).json()

    assert shown["customer_id"] == ada.pk
    assert Customer.objects.count() == 1


def test_somebody_without_any_id_becomes_a_new_customer(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="MINE")

    shown = ask(api, voucher="MINE", customer={"email": "ada@example.com"}).json()

    assert shown["customer"]["email"] == "ada@example.com"
    assert shown["tracking_id"] is None
    assert Voucher.objects.get().holder_id == shown["customer_id"]


def test_the_same_source_id_gets_the_first_answer_again(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    VoucherFactory.create_batch(2, campaign=campaign)

    first = ask(api, campaign=campaign.name, source_id="mail-1").json()
    again = ask(api, campaign=campaign.name, source_id="mail-1", customer="eve").json()

    assert again == first
    assert Publication.objects.count() == 1
    assert Voucher.objects.filter(publications_count=1).count() == 1


def test_a_source_id_of_something_else_is_refused(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="MINE")
    VoucherFactory(project=api.project, code="OTHER")
    ask(api, voucher="MINE", source_id="mail-1")

    known = ask(api, voucher="MINE", source_id="mail-1")

    assert known.status_code == 200
    assert refused(api, voucher="OTHER", source_id="mail-1") == (
        400,
        "duplicate_source_id",
    )
    assert refused(api, voucher="MINE", source_id="mail-1", customer="eve") == (
        400,
        "duplicate_source_id",
    )


def test_who_joined_a_campaign_once_keeps_that_code(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, join_once=True)
    VoucherFactory(campaign=campaign, code="A")
    VoucherFactory(campaign=campaign, code="B")

    first = ask(api, campaign=campaign.name).json()
    again = ask(api, campaign=campaign.name).json()

    assert again == first
    assert first["voucher"]["code"] == "A"
    assert refused(api, voucher="B") == (400, "voucher_cannot_be_published")
    assert ask(api, voucher="A").status_code == 200
    assert refused(api, campaign={"name": campaign.name, "count": 2}, customer="b") == (
        400,
        "too_many_vouchers_requested",
    )


def test_the_query_can_ask_for_one_code_only(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    VoucherFactory.create_batch(2, campaign=campaign)
    body = {"campaign": campaign.name, "customer": "ada"}

    first = api.post(f"{PATH}?join_once=true", body).json()

    assert api.post(f"{PATH}?join_once=true", body).json() == first
    assert ask(api, campaign=campaign.name).json()["id"] != first["id"]


def test_a_code_of_somebody_else_is_refused_and_on_record(api: ApiClient) -> None:
    eve = CustomerFactory(project=api.project)
    voucher = VoucherFactory(project=api.project, code="HERS", holder=eve)

    answer = refused(api, voucher="HERS")

    failed = Publication.objects.get()
    assert answer == (400, "voucher_already_published")
    assert (failed.result, failed.failure_code) == (
        "FAILURE",
        "voucher_already_published",
    )
    assert failed.vouchers.count() == 0
    assert voucher.publications.count() == 0
    event = DomainEvent.objects.get(type="customer.publication.failed")
    assert event.customer_id == failed.customer_id


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({}, (400, "missing_vouchers")),
        ({"voucher": None, "campaign": None}, (400, "missing_vouchers")),
        ({"campaign": {"name": "Spring", "count": 0}}, (400, "invalid_publish_params")),
        (
            {"campaign": {"name": "Spring", "count": 51}},
            (400, "invalid_publish_params"),
        ),
        (
            {"campaign": {"name": "Spring", "count": 2}, "source_id": "mail"},
            (400, "too_many_vouchers_requested"),
        ),
        ({"campaign": "Spring"}, (400, "no_voucher_suitable_for_publication")),
        ({"campaign": "Cart"}, (400, "no_voucher_suitable_for_publication")),
        ({"voucher": "OFF"}, (400, "no_voucher_suitable_for_publication")),
        ({"voucher": "OLD"}, (400, "no_voucher_suitable_for_publication")),
        ({"voucher": "NONE"}, (404, "not_found")),
        ({"campaign": "None"}, (404, "not_found")),
        ({"voucher": "OFF", "customer": None}, (400, "invalid_payload")),
        ({"voucher": "OFF", "customer": 5}, (400, "invalid_payload")),
        ({"voucher": "OFF", "customer": {"id": "cust_none"}}, (404, "not_found")),
        ({"campaign": ["Spring"]}, (400, "invalid_payload")),
    ],
)
def test_what_cannot_be_published_is_refused(
    api: ApiClient, body: dict[str, Any], outcome: tuple[int, str]
) -> None:
    CampaignFactory(project=api.project, name="Spring")
    TierFactory(project=api.project, campaign__name="Cart")
    VoucherFactory(project=api.project, code="OFF", active=False)
    past = utc_now() - timedelta(days=1)
    VoucherFactory(project=api.project, code="OLD", expiration_date=past)
    VoucherFactory(project=ProjectFactory(), code="NONE")

    assert refused(api, **body) == outcome


def test_a_full_campaign_cannot_make_another_code(api: ApiClient) -> None:
    campaign = CampaignFactory(
        project=api.project, type="AUTO_UPDATE", vouchers_count=100_000
    )

    answer = ask(api, campaign=campaign.name).json()

    assert answer["message"] == "Couldn't create new vouchers for publication"
    assert Voucher.objects.count() == 0


def test_publications_are_listed_with_those_that_failed(api: ApiClient) -> None:
    eve = CustomerFactory(project=api.project, source_id="eve")
    VoucherFactory(project=api.project, code="MINE")
    VoucherFactory(project=api.project, code="HERS", holder=eve)
    ask(api, voucher="MINE", metadata={"lang": "en"})
    ask(api, voucher="HERS")

    shown = api.get(PATH, {"order": "created_at"}).json()
    good, failed = shown["publications"]

    assert (shown["data_ref"], shown["total"]) == ("publications", 2)
    assert good["voucher"]["code"] == "MINE"
    assert good["voucher"]["discount"] == {"type": "PERCENT", "percent_off": 10}
    assert good["metadata"] == {"lang": "en"}
    assert (failed["result"], failed["failure_code"]) == (
        "FAILURE",
        "voucher_already_published",
    )
    assert failed["failure_message"] == "Voucher already published"
    assert (failed["vouchers"], failed["vouchers_id"]) == ([], [])
    assert "voucher" not in failed
    assert api.get(PATH, {"result": "FAILURE"}).json()["total"] == 1
    assert api.get(PATH, {"customer": "ada"}).json()["total"] == 2
    assert api.get(PATH, {"page": "1001"}).json()["key"] == "page_over_limit"


@pytest.mark.parametrize(
    ("switches", "status", "given"),
    [
        ({"client_publish_enabled": False}, 403, 0),
        ({"client_publish_enabled": True}, 200, 1),
    ],
)
def test_web_pages_publish_where_the_project_allows_it(
    browser: ApiClient, switches: dict[str, bool], status: int, given: int
) -> None:
    Project.objects.filter(pk=browser.project.pk).update(**switches)
    VoucherFactory(project=browser.project, code="MINE")
    body = {"voucher": "MINE", "customer": "ada"}

    answer = browser.post("/client/v1/publish", body)

    assert answer.status_code == status
    assert Voucher.objects.get().publications_count == given


def test_what_is_sent_as_null_counts_as_left_out(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project)
    voucher = VoucherFactory(campaign=campaign)

    made = api.post(
        "/v1/publications",
        {
            "campaign": {"name": campaign.pk, "count": None},
            "customer": {"source_id": "ada"},
            "voucher": None,
            "source_id": None,
            "channel": None,
            "metadata": None,
        },
    )

    assert made.status_code == 200, made.content
    assert made.json()["voucher"]["code"] == voucher.code
    assert made.json()["channel"] == "API"


@pytest.mark.parametrize("sent", [{}, {"customer": None}, {"customer": ""}])
def test_without_a_customer_nothing_is_given(
    api: ApiClient, sent: dict[str, Any]
) -> None:
    VoucherFactory(project=api.project, code="MINE")

    answer = api.post(PATH, {"voucher": "MINE", **sent})

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert answer.json()["details"] == (
        "Payload should have required property 'customer'"
    )
    assert Voucher.objects.get().publications_count == 0
    assert Customer.objects.count() == Publication.objects.count() == 0
