"""Campaigns in areas and stores, and restricted callers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, CampaignAssignment, Publication, Voucher
from promo.errors import InvalidPayload
from promo.tenancy import credentials
from promo.tenancy.access_scope import Place
from promo.tenancy.services.keys import assign_places
from tests.factories.areas import AreaFactory, StoreFactory, put, restricted_client
from tests.factories.campaigns import CampaignFactory, PromotionFactory, VoucherFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.tenancy import NOW, server_key

pytestmark = pytest.mark.django_db

BODY = {"name": "Spring", "campaign_type": "DISCOUNT_COUPONS", "type": "AUTO_UPDATE"}
BODY["voucher"] = {
    "type": "DISCOUNT_VOUCHER",
    "discount": {"type": "PERCENT", "percent_off": 10},
}


@pytest.fixture
def area(project):
    return AreaFactory.create(project=project)


@pytest.fixture
def mine(project, area):
    """A campaign of the area."""
    return put(CampaignFactory(project=project), Place(area.pk))


@pytest.fixture
def theirs(project):
    """A campaign of another area."""
    other = AreaFactory.create(project=project)
    return put(CampaignFactory(project=project), Place(other.pk))


@pytest.fixture
def caller(project, area):
    """Somebody restricted to the area."""
    return restricted_client(project, Place(area.pk))


def forbidden(answer, campaign):
    body = answer.json()
    return (answer.status_code, body["key"], body["details"]) == (
        403,
        "forbidden",
        f"Resource campaign with id {campaign.pk} is not accessible in given context",
    )


def test_a_campaign_is_assigned_and_unassigned(api, area):
    store = StoreFactory.create(area=area)
    other = AreaFactory.create(project=api.project)
    assign = {
        "areas_ids": [area.pk],
        "area_stores_ids": [store.pk],
        "area_all_stores_ids": [other.pk],
    }

    made = api.post("/v1/campaigns", BODY | {"access_settings": {"assign": assign}})
    path = f"/v1/campaigns/{made.json()['id']}"
    api.put(path, {"access_settings": {"unassign": {"area_stores_ids": [store.pk]}}})
    shown = api.get(f"{path}?expand=access_settings_assignments").json()

    places = [
        {name: each[name] for name in ("area_id", "area_store_id", "all_stores")}
        for each in shown["access_settings_assignments"]
    ]
    assert places == [
        {"area_id": area.pk, "area_store_id": None, "all_stores": False},
        {"area_id": other.pk, "area_store_id": None, "all_stores": True},
    ]
    assert "access_settings_assignments" not in api.get(path).json()


@pytest.mark.parametrize(
    ("settings", "status", "details"),
    [
        ({"assign": 5}, 400, "Property .access_settings.assign must be object"),
        (
            {"assign": {"areas_ids": "x"}},
            400,
            "Property .access_settings.assign.areas_ids must be array of ids",
        ),
        ({"assign": {"areas_ids": ["ar_x"]}}, 404, "Cannot find area with id ar_x"),
        (
            {"unassign": {"area_stores_ids": ["ars_x"]}},
            404,
            "Cannot find area_store with id ars_x",
        ),
    ],
)
def test_places_that_cannot_be_are_refused(api, settings, status, details):
    refused = api.post("/v1/campaigns", BODY | {"access_settings": settings})

    assert (refused.status_code, refused.json()["details"]) == (status, details)
    assert not Campaign.objects.exists()


def test_campaigns_are_listed_by_place(api, area, mine, theirs):
    query = {"access_settings[filter][areas_ids][0]": area.pk}

    listed = api.get("/v1/campaigns", query).json()

    assert [each["id"] for each in listed["campaigns"]] == [mine.pk]
    assert api.get("/v1/campaigns").json()["total"] == 2


def test_a_restricted_caller_sees_what_runs_where_he_is(project, caller, mine, theirs):
    nowhere = CampaignFactory(project=project)
    own, foreign = (VoucherFactory(campaign=each) for each in (mine, theirs))
    VoucherFactory(project=project, campaign=None)
    promotion = put(PromotionFactory(project=project), *places_of(mine))
    tier = TierFactory(project=project, campaign=promotion)
    hidden = TierFactory(project=project)
    stack = StackFactory(project=project, campaign=promotion, tiers=[tier])
    StackFactory(project=project, campaign=hidden.campaign, tiers=[hidden])

    def ids(path, key):
        return [each["id"] for each in caller.get(path).json()[key]]

    assert set(ids("/v1/campaigns", "campaigns")) == {mine.pk, promotion.pk}
    assert ids("/v1/vouchers", "vouchers") == [own.pk]
    assert ids("/v1/promotions/tiers", "tiers") == [tier.pk]
    assert ids("/v1/promotions/stacks", "data") == [stack.pk]
    assert caller.get(f"/v1/vouchers/{own.code}").status_code == 200
    assert forbidden(caller.get(f"/v1/vouchers/{foreign.code}"), theirs)
    assert forbidden(caller.get(f"/v1/campaigns/{theirs.pk}"), theirs)
    assert forbidden(caller.get(f"/v1/campaigns/{nowhere.pk}"), nowhere)
    assert forbidden(caller.get(f"/v1/promotions/tiers/{hidden.pk}"), hidden.campaign)


def places_of(campaign):
    return [each.place for each in campaign.places.all()]


def test_only_what_runs_nowhere_else_may_be_changed(project, caller, area, mine):
    shared = put(
        CampaignFactory(project=project, name="Shared"),
        Place(area.pk),
        Place(AreaFactory.create(project=project).pk),
    )
    code = VoucherFactory(campaign=shared)

    def put_to(path, body):
        return caller.put(path, body)

    assert put_to(f"/v1/campaigns/{mine.pk}", {"description": "x"}).status_code == 200
    assert caller.get(f"/v1/campaigns/{shared.pk}").status_code == 200
    for refused in (
        put_to(f"/v1/campaigns/{shared.pk}", {"description": "x"}),
        caller.delete(f"/v1/campaigns/{shared.pk}"),
        caller.post(f"/v1/campaigns/{shared.pk}/disable"),
        caller.post(f"/v1/vouchers/{code.code}/disable"),
        caller.delete(f"/v1/vouchers/{code.code}"),
    ):
        assert forbidden(refused, shared)
    shared.refresh_from_db()
    code.refresh_from_db()
    assert (shared.description, shared.active, shared.deleted_at) == ("", True, None)
    assert (code.active, code.deleted_at) == (True, None)


def test_a_new_campaign_of_a_restricted_caller_is_within_his_reach(caller, area):
    elsewhere = AreaFactory.create(project=caller.project)

    def create(*areas):
        settings = {"assign": {"areas_ids": [each.pk for each in areas]}}
        return caller.post("/v1/campaigns", BODY | {"access_settings": settings})

    assert create().status_code == 403
    assert create(elsewhere).status_code == 403
    assert create(area, elsewhere).status_code == 403
    assert not Campaign.objects.exists()
    made = create(area)
    assert made.status_code == 200, made.content
    assert CampaignAssignment.objects.get().campaign_id == made.json()["id"]


def test_a_restricted_caller_gives_out_codes_of_his_own_campaigns(caller, mine, theirs):
    own, foreign = (VoucherFactory(campaign=each) for each in (mine, theirs))

    def publish(**body):
        return caller.post("/v1/publications", {"customer": "ada", **body})

    assert forbidden(publish(voucher=foreign.code), theirs)
    assert forbidden(publish(campaign=theirs.pk), theirs)
    assert not Publication.objects.exists()
    assert publish(campaign=mine.pk).json()["voucher"]["code"] == own.code
    foreign.refresh_from_db()
    assert foreign.holder_id is None


def test_a_keys_reach_is_known_from_memory_and_changes_at_once(
    project, caller, area, mine, theirs
):
    caller.get("/v1/campaigns")
    with CaptureQueriesContext(connection) as restricted:
        before = caller.get("/v1/campaigns").json()["total"]
    key = project.keys.get(role="USER_RESTRICTED")
    assign_places(key, places_of(theirs), now=NOW)
    credentials.forget()
    after = [each["id"] for each in caller.get("/v1/campaigns").json()["campaigns"]]

    assert before == 1
    assert not any("apikey" in each["sql"] for each in restricted)
    assert after == [theirs.pk]


def test_only_restricted_keys_have_places(project, area):
    with pytest.raises(InvalidPayload) as refused:
        server_key(project, role="ADMIN", places=[Place(area.pk)])

    assert refused.value.details == (
        "Property .role must be USER_RESTRICTED to have places"
    )
    assert Voucher.objects.count() == 0
