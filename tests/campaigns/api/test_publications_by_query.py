"""Publishing out of a platform's template: ``GET /v1/publications/create``."""

from typing import Any

import pytest

from campaigns.models import Publication, Voucher
from customers.models import Customer
from promo.tenancy.models import Integration, Project
from tests.campaigns.api.test_publications import PATH
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    VoucherFactory,
)
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db

BY_QUERY = "/v1/publications/create"


@pytest.fixture
def airship(project: Project) -> ApiClient:
    """A platform's caller."""
    return server_client(project, integration=Integration.AIRSHIP)


def held(project: Project) -> set[tuple[Any, ...]]:
    """Return who has what."""
    return set(project.vouchers.values_list("code", "holder", "publications_count"))


@pytest.mark.parametrize(
    "query",
    [
        {"campaign": "Spring sale", "customer": "ada"},
        {"campaign": "{id}", "customer": "ada"},
        {"campaign[name]": "Spring sale", "customer[source_id]": "ada"},
        {"campaign[name]": "{id}", "customer[source_id]": "ada", "cache_id": "7"},
        {"campaign[name]": "{id}", "campaign[count]": "1", "customer": "ada", "c": ""},
        {"campaign": "Spring sale", "customer": "ada", "voucher": "", "source_id": ""},
        {"campaign": "Spring sale", "customer": "ada", "channel": "API"},
    ],
)
def test_every_shape_that_platforms_send_gives_the_same_and_again_nothing_more(
    airship: ApiClient, project: Project, query: dict[str, str]
) -> None:
    campaign = CampaignFactory(project=project, name="Spring sale", join_once=True)
    VoucherFactory(campaign=campaign, code="A")
    VoucherFactory(campaign=campaign, code="B")
    sent = {name: value.format(id=campaign.pk) for name, value in query.items()}

    first = airship.get(BY_QUERY, sent)
    again = airship.get(BY_QUERY, sent)
    posted = airship.post(PATH, {"campaign": "Spring sale", "customer": "ada"})

    assert first.status_code == 200, first.content
    assert first.json() == again.json() == posted.json()
    assert first.json()["voucher"]["code"] == "A"
    assert first.json()["tracking_id"] == "ada"
    assert (first.json()["channel"], first.json()["metadata"]) == ("API", {})
    assert Publication.objects.count() == 1
    assert Voucher.objects.filter(publications_count=1).count() == 1


def test_spaces_and_other_signs_come_percent_encoded(
    airship: ApiClient, project: Project
) -> None:
    campaign = CampaignFactory(project=project, name="Spring & summer")
    VoucherFactory(campaign=campaign)

    shown = airship.get(
        f"{BY_QUERY}?campaign%5Bname%5D=Spring%20%26%20summer"
        "&customer%5Bsource_id%5D=ada%40example.com"
    )

    assert shown.status_code == 200, shown.content
    assert shown.json()["tracking_id"] == "ada@example.com"


def test_a_code_with_everything_that_can_be_sent(
    airship: ApiClient, project: Project
) -> None:
    VoucherFactory(project=project, code="MINE")
    query = {
        "voucher": "MINE",
        "campaign": "any, for the code wins",
        "customer[source_id]": "ada",
        "customer[name]": "Ada",
        "customer[metadata][plan]": "gold",
        "source_id": "send-1",
        "channel": "push",
        "metadata[flow]": "welcome",
    }

    first = airship.get(BY_QUERY, query).json()
    again = airship.get(BY_QUERY, query).json()

    ada = Customer.objects.get()
    assert again == first
    assert (first["source_id"], first["channel"]) == ("send-1", "push")
    assert first["metadata"] == {"flow": "welcome"}
    assert (ada.name, ada.metadata) == ("Ada", {"plan": "gold"})
    assert Voucher.objects.get().publications_count == 1


def test_the_query_can_ask_for_one_code_only(
    airship: ApiClient, project: Project
) -> None:
    campaign = CampaignFactory(project=project)
    VoucherFactory.create_batch(2, campaign=campaign)
    query = {"campaign": campaign.name, "customer": "ada", "join_once": "true"}

    first = airship.get(BY_QUERY, query).json()

    assert airship.get(BY_QUERY, query).json() == first
    assert Publication.objects.count() == 1


def test_what_templates_print_stands_where_they_look_for_it(
    airship: ApiClient, project: Project
) -> None:
    campaign = GiftCampaignFactory(project=project, type="AUTO_UPDATE")

    shown = airship.get(BY_QUERY, {"campaign": campaign.name, "customer": "ada"})

    voucher = shown.json()["voucher"]
    assert voucher["gift"]["amount"] == voucher["gift"]["balance"] == 5000
    assert voucher["code"] == Voucher.objects.get().code
    assert voucher["metadata"] == {}


@pytest.mark.parametrize(
    ("query", "key", "details"),
    [
        (
            {"campaign": "Spring"},
            "invalid_query_params",
            "Query should have required property 'customer'",
        ),
        (
            {"campaign": "Spring", "customer": ""},
            "invalid_query_params",
            "Query should have required property 'customer'",
        ),
        (
            {"customer": "ada"},
            "missing_vouchers",
            "Either Campaign or Voucher is required",
        ),
        (
            {"customer": "ada", "campaign[name]": "Spring", "campaign[count]": "2"},
            "too_many_vouchers_requested",
            "Only up to 1 can be published",
        ),
        (
            {"customer": "ada", "campaign[name]": "Spring", "campaign[count]": "x"},
            "invalid_query_params",
            "Property .campaign.count must be integer",
        ),
        (
            {"customer": "ada", "campaign[name]": "Spring", "campaign[count]": "0"},
            "invalid_publish_params",
            "Property .campaign.count must be between 1 and 50",
        ),
        (
            {"customer": "ada", "campaign": "Spring", "metadata": "x"},
            "invalid_query_params",
            "Property .metadata must be object",
        ),
        (
            {"customer": "ada", "campaign": "Spring", "join_once": "maybe"},
            "invalid_query_params",
            "Property .join_once must be boolean",
        ),
        (
            {"customer[a][b]c": "ada", "campaign": "Spring"},
            "invalid_query_params",
            "Property .customer must be written with brackets",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_gives_nothing_away(
    airship: ApiClient,
    project: Project,
    query: dict[str, str],
    key: str,
    details: str,
) -> None:
    VoucherFactory(campaign__project=project, campaign__name="Spring")
    before = held(project)

    answer = airship.get(BY_QUERY, query)

    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert answer.json()["details"] == details
    assert held(project) == before
    assert Publication.objects.count() == Customer.objects.count() == 0


@pytest.mark.parametrize("missing", ["campaign", "voucher"])
def test_what_another_project_has_is_not_there(
    airship: ApiClient, missing: str
) -> None:
    other = VoucherFactory(campaign=CampaignFactory())
    named = {"campaign": other.campaign.pk, "voucher": other.code}[missing]

    answer = airship.get(BY_QUERY, {"customer": "ada", missing: named})

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
    assert Publication.objects.count() == 0


def test_only_a_key_of_a_platform_gets_in(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="MINE")

    answer = api.get(BY_QUERY, {"voucher": "MINE", "customer": "ada"})

    assert answer.status_code == 403
    assert answer.json()["key"] == "integration_api_key_required"
    assert answer.json()["message"] == "Forbidden"
    assert Voucher.objects.get().publications_count == 0


def test_a_platform_whose_role_only_reads_publishes_nothing(project: Project) -> None:
    VoucherFactory(project=project, code="MINE")
    reader = server_client(project, integration=Integration.BRAZE, role="VIEWER")

    answer = reader.get(BY_QUERY, {"voucher": "MINE", "customer": "ada"})

    assert answer.status_code == 403
    assert answer.json()["key"] == "missing_required_permission"
    assert Voucher.objects.get().publications_count == 0


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
def test_nothing_but_get_publishes(
    airship: ApiClient, project: Project, method: str
) -> None:
    VoucherFactory(project=project, code="MINE")
    query = {"voucher": "MINE", "customer": "ada"}

    answer = airship.request(method, BY_QUERY, query=query)

    assert answer.status_code == 405
    assert Voucher.objects.get().publications_count == 0


def test_a_platform_reads_and_publishes_but_neither_defines_nor_deletes(
    airship: ApiClient, project: Project
) -> None:
    campaign = CampaignFactory(project=project)
    voucher = VoucherFactory(campaign=campaign)

    assert airship.get(f"/v1/vouchers/{voucher.code}").status_code == 200
    assert airship.post("/v1/customers", {"source_id": "ada"}).status_code == 200
    assert airship.delete(f"/v1/campaigns/{campaign.pk}").status_code == 403
    refused = airship.post("/v1/campaigns", {"name": "Mine"})
    assert refused.json()["key"] == "missing_required_permission"
    assert list(project.campaigns.all()) == [campaign]
