"""Restricted callers at the checkout."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promo.tenancy.access_scope import Place
from redemptions.models import Redemption
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import CampaignFactory, PromotionFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.redemptions.api.test_redeeming import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def area(project):
    return AreaFactory.create(project=project)


@pytest.fixture
def caller(project, area):
    """Somebody restricted to the area."""
    return restricted_client(project, Place(area.pk))


@pytest.fixture
def mine(project, area):
    """A code of a campaign of the area."""
    campaign = put(CampaignFactory(project=project), Place(area.pk))
    return VoucherFactory(campaign=campaign, code="MINE")


@pytest.fixture
def theirs(project):
    """A code of a campaign that is assigned to nothing."""
    return VoucherFactory(campaign=CampaignFactory(project=project), code="THEIRS")


@pytest.mark.spec("engine 12.2 `forbidden` (403)")
@pytest.mark.spec("engine 13 2")
def test_what_is_out_of_reach_is_forbidden_before_anything_else(caller, mine, theirs):
    theirs.active = False
    theirs.save()
    body = ask("THEIRS", order={"amount": 5000})

    validated = caller.post("/v1/validations", body).json()
    refused = caller.post("/v1/redemptions", body)
    done = caller.post("/v1/redemptions", ask("MINE", order={"amount": 5000}))

    details = (
        f"Resource campaign with id {theirs.campaign_id} is not accessible in given "
        "context"
    )
    error = validated["redeemables"][0]["result"]["error"]
    assert validated["valid"] is False
    assert (error["code"], error["key"], error["details"]) == (
        403,
        "forbidden",
        details,
    )
    assert refused.status_code == 403
    assert (refused.json()["key"], refused.json()["details"]) == ("forbidden", details)
    assert done.status_code == 200
    theirs.refresh_from_db()
    assert theirs.redeemed_quantity == 0
    results = Redemption.objects.order_by("pk").values_list("result", flat=True)
    assert list(results) == ["FAILURE", "SUCCESS"]


def test_what_does_not_exist_is_not_found_first(caller):
    [found] = caller.post("/v1/validations", ask("NONE")).json()["redeemables"]

    assert found["result"]["error"]["key"] == "not_found"


def test_a_code_of_no_campaign_is_out_of_reach(project, caller):
    VoucherFactory(project=project, campaign=None, code="ALONE")

    [found] = caller.post("/v1/validations", ask("ALONE")).json()["redeemables"]

    assert found["result"]["error"]["details"] == (
        "Resource voucher with id ALONE is not accessible in given context"
    )


def test_the_trace_names_the_check(caller, theirs):
    body = caller.post("/v1/validations?explain=true", ask("THEIRS")).json()

    [entry] = body["explain"]["redeemables"]
    assert [(each["check"], each["passed"]) for each in entry["checks"]] == [
        ("exists", True),
        ("access", False),
    ]


def test_qualification_leaves_out_what_is_out_of_reach(project, caller, area):
    promotion = put(PromotionFactory(project=project), Place(area.pk))
    tier = TierFactory(project=project, campaign=promotion)
    TierFactory(project=project)
    VoucherFactory(project=project, campaign=None)

    body = caller.post("/v1/qualifications", {"order": {"amount": 5000}}).json()

    assert [each["id"] for each in body["redeemables"]["data"]] == [tier.pk]


def test_rolling_back_needs_reach_too(api, caller, mine, theirs):
    body = ask("THEIRS", order={"amount": 5000})
    done = api.post("/v1/redemptions", body).json()["redemptions"][0]
    own = caller.post("/v1/redemptions", ask("MINE", order={"amount": 5000})).json()

    path = f"/v1/redemptions/{done['id']}"
    refused = caller.post(f"{path}/rollback")
    undone = caller.post(f"/v1/redemptions/{own['redemptions'][0]['id']}/rollback")
    listed = caller.get("/v1/redemptions").json()["redemptions"]

    assert (refused.status_code, refused.json()["key"]) == (403, "forbidden")
    assert caller.get(path).status_code == 403
    assert undone.status_code == 200
    assert {each["related_object_id"] for each in listed} == {mine.pk}
    theirs.refresh_from_db()
    assert theirs.redeemed_quantity == 1


def test_reach_costs_the_restricted_one_statement(api, caller, mine):
    body = ask("MINE", order={"amount": 5000})

    def cost(client):
        client.post("/v1/validations", body)
        with CaptureQueriesContext(connection) as statements:
            client.post("/v1/validations", body)
        return len(statements)

    assert cost(caller) == cost(api) + 1
