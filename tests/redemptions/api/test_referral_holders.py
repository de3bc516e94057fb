"""Who has a referral code: the referrer, and referees added and taken off."""

from typing import Any

import pytest

from campaigns.models import Holder, HolderRole, Voucher
from customers.models import Customer
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import (
    HolderFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient, server_client
from tests.outbox import events_of
from tests.races import at_once

pytestmark = pytest.mark.django_db
SHORT = "/v1/referrals/members/INVITE/holders"


@pytest.fixture
def code(project: Project) -> Voucher:
    """The referral code INVITE, held by eve."""
    campaign = ReferralCampaignFactory(project=project, name="Friends")
    voucher: Voucher = VoucherFactory(
        campaign=campaign, code="INVITE", is_referral_code=True
    )
    eve = CustomerFactory(project=project, source_id="eve")
    HolderFactory(voucher=voucher, customer=eve, role=HolderRole.REFERRER)
    return voucher


def people(*source_ids: str, **more: Any) -> dict[str, Any]:
    return {"holders": [{"source_id": one} for one in source_ids], **more}


def counts() -> tuple[int, int, int]:
    return (
        Holder.objects.count(),
        Customer.objects.count(),
        DomainEvent.objects.count(),
    )


@pytest.mark.parametrize("path", [SHORT, "/v1/referrals/Friends/members/{}/holders"])
def test_referees_are_added_and_listed(
    api: ApiClient, code: Voucher, path: str
) -> None:
    path = path.format(code.pk)
    body = people("ada", "bob", metadata={"influencer": True})
    body["holders"][0]["name"] = "Ada"

    made = api.post(path, body).json()
    listed = api.get(path).json()

    ada = Customer.objects.get(source_id="ada")
    first = made["holders"][0]
    assert first == {
        "id": first["id"],
        "created_at": first["created_at"],
        "redeemable_id": code.pk,
        "redeemable_object": "voucher",
        "customer_id": ada.pk,
        "holder_role": "REFEREE",
        "campaign_id": code.campaign_id,
        "campaign_type": "REFERRAL_PROGRAM",
        "voucher_type": "DISCOUNT_VOUCHER",
        "metadata": {"influencer": True},
        "object": "redeemable_holder",
    }
    assert first["id"].startswith("rh_")
    assert ada.name == "Ada"
    assert listed["total"] == 3
    assert listed["has_more"] is False
    assert [one["holder_role"] for one in listed["data"]] == [
        "REFEREE",
        "REFEREE",
        "REFERRER",
    ]
    assert listed["data"][1] == first


def test_adding_a_referee_is_told_to_the_referee_and_no_conversion(
    api: ApiClient, code: Voucher
) -> None:
    api.post(SHORT, people("ada"))

    ada = Customer.objects.get(source_id="ada")
    event = DomainEvent.objects.get(type="customer.holder.assignment.created")
    assert events_of(api.project) == [
        "customer.created",
        "customer.holder.assignment.created",
    ]
    assert event.customer_id == ada.pk
    assert event.category == "EFFECT"
    assert event.payload["holder"]["holder_role"] == "REFEREE"
    assert event.payload["holder"]["publication_id"] is None
    assert event.payload["voucher"]["code"] == "INVITE"
    assert event.payload["campaign"]["name"] == "Friends"
    assert event.payload["customer"]["id"] == ada.pk
    assert ada.referrals == {"total": 0, "campaigns": []}


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, "Payload must have required property 'holders'"),
        ({"holders": []}, "Property .holders must NOT have fewer than 1 items"),
        (
            {"holders": [{"name": "Ada"}]},
            "Property .holders[0] must have required property 'source_id'",
        ),
        (
            people(*(f"n{number}" for number in range(101))),
            "Property .holders must NOT have more than 100 items",
        ),
        ({"holders": ["ada"]}, "Property .holders[0] must be object"),
    ],
)
def test_a_malformed_body_is_refused(
    api: ApiClient, code: Voucher, body: dict[str, Any], details: str
) -> None:
    before = counts()

    response = api.post(SHORT, body)

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"
    assert response.json()["details"] == details
    assert counts() == before


def test_a_code_that_nobody_refers_with_takes_no_referees(
    api: ApiClient, code: Voucher
) -> None:
    VoucherFactory(campaign=code.campaign, code="LONE", is_referral_code=True)
    before = counts()

    answer = api.post("/v1/referrals/members/LONE/holders", people("ada"))

    assert answer.status_code == 400
    assert answer.json()["key"] == "not_published"
    assert answer.json()["message"] == "Voucher is not published"
    assert answer.json()["details"] == (
        "Referral code must be first published to Referrer before assigning it to "
        "Referee"
    )
    assert counts() == before


def test_one_person_twice_is_refused(api: ApiClient, code: Voucher) -> None:
    ada = CustomerFactory(project=api.project, source_id="ada")
    before = counts()

    twice = api.post(SHORT, people("bob", "bob"))
    by_both = api.post(SHORT, {"holders": [{"id": ada.pk}, {"source_id": "ada"}]})

    assert twice.status_code == by_both.status_code == 409
    assert twice.json()["key"] == "duplicate_found"
    assert twice.json()["details"] == "Duplicated customer exists with id bob"
    assert by_both.json()["resource_id"] == "ada"
    assert by_both.json()["resource_type"] == "customer"
    assert counts() == before


@pytest.mark.parametrize("known", ["eve", "ada"])
def test_who_holds_the_code_already_is_refused(
    api: ApiClient, code: Voucher, known: str
) -> None:
    api.post(SHORT, people("ada"))
    before = counts()

    answer = api.post(SHORT, people("new", known))

    assert answer.status_code == 409
    assert answer.json()["key"] == "holder_assignement_duplication"
    assert (
        answer.json()["message"] == "Customer is already assigned to given redeemable"
    )
    assert counts() == before


def test_metadata_follow_the_schema_of_publications(
    api: ApiClient, code: Voucher
) -> None:
    level = {"type": "number", "array": False, "optional": True, "object_type": None}
    define(api.project, "publication", level=level)
    before = counts()

    answer = api.post(SHORT, people("ada", metadata={"level": "high"}))

    assert answer.json()["key"] == "metadata_validation_failed"
    assert counts() == before


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/v1/referrals/members/NONE/holders", "voucher", "NONE"),
        ("/v1/referrals/members/PLAIN/holders", "voucher", "PLAIN"),
        ("/v1/referrals/None/members/INVITE/holders", "campaign", "None"),
        ("/v1/referrals/Other/members/INVITE/holders", "voucher", "INVITE"),
    ],
)
def test_what_is_unknown_is_named(
    api: ApiClient, code: Voucher, path: str, kind: str, name: str
) -> None:
    VoucherFactory(project=api.project, code="PLAIN")
    ReferralCampaignFactory(project=api.project, name="Other")
    before = counts()

    for answer in (api.get(path), api.post(path, people("ada"))):
        assert answer.status_code == 404
        assert answer.json()["key"] == "not_found"
        assert answer.json()["resource_type"] == kind
        assert answer.json()["resource_id"] == name
    assert counts() == before


def test_an_unknown_customer_id_adds_nobody(api: ApiClient, code: Voucher) -> None:
    nobody = "cust_" + "0" * 32
    before = counts()

    answer = api.post(SHORT, {"holders": [{"source_id": "ada"}, {"id": nobody}]})

    assert answer.status_code == 404
    assert answer.json()["resource_id"] == nobody
    assert counts() == before


def test_a_referee_is_taken_off(api: ApiClient, code: Voucher) -> None:
    made = api.post(SHORT, people("ada")).json()["holders"][0]

    answer = api.delete(f"{SHORT}/{made['id']}")

    event = DomainEvent.objects.get(type="customer.holder.assignment.deleted")
    assert answer.status_code == 204
    assert answer.content == b""
    assert event.payload["holder"]["id"] == made["id"]
    assert event.customer_id == made["customer_id"]
    assert api.get(SHORT).json()["total"] == 1
    assert api.delete(f"{SHORT}/{made['id']}").json()["resource_type"] == (
        "redeemable_holder"
    )


def test_the_referrer_stays(api: ApiClient, code: Voucher) -> None:
    referrer = Holder.objects.get(role=HolderRole.REFERRER)
    before = counts()

    answer = api.delete(f"{SHORT}/{referrer.pk}")

    assert answer.status_code == 403
    assert answer.json()["key"] == "forbidden"
    assert answer.json()["message"] == "Can not remove assignment"
    assert answer.json()["details"] == "You can not remove Referrer assignment"
    assert counts() == before


def test_a_referee_who_has_used_the_code_stays(api: ApiClient, code: Voucher) -> None:
    made = api.post(SHORT, people("ada")).json()["holders"][0]
    redeemed = api.post("/v1/redemptions", redeeming("ada")).json()
    before = counts()

    answer = api.delete(f"{SHORT}/{made['id']}")

    assert answer.status_code == 403
    assert answer.json()["key"] == "forbidden"
    assert counts() == before
    api.post(f"/v1/redemptions/{redeemed['redemptions'][0]['id']}/rollback")
    assert api.delete(f"{SHORT}/{made['id']}").status_code == 204


def redeeming(customer: str) -> dict[str, Any]:
    return {
        "redeemables": [{"object": "voucher", "id": "INVITE"}],
        "order": {"amount": 10_000},
        "customer": {"source_id": customer},
    }


def test_another_codes_record_is_not_found(api: ApiClient, code: Voucher) -> None:
    other = VoucherFactory(campaign=code.campaign, is_referral_code=True)
    holder = HolderFactory(voucher=other, role=HolderRole.REFEREE)

    answer = api.delete(f"{SHORT}/{holder.pk}")

    assert answer.status_code == 404
    assert answer.json()["resource_id"] == holder.pk
    assert Holder.objects.filter(pk=holder.pk).exists()


@pytest.mark.parametrize(
    ("role", "listing", "changing"),
    [("USER", 200, 200), ("VIEWER", 200, 403), ("MERCHANT", 200, 403)],
)
def test_giving_codes_needs_both_permissions(
    project: Project, code: Voucher, role: str, listing: int, changing: int
) -> None:
    caller = server_client(project, role=role)
    referrer = Holder.objects.get(role=HolderRole.REFERRER)
    before = counts()

    listed, added = caller.get(SHORT), caller.post(SHORT, people("ada"))
    removed = caller.delete(f"{SHORT}/{referrer.pk}")

    assert listed.status_code == listing
    assert added.status_code == changing
    assert removed.status_code == 403
    if changing == 403:
        assert added.json()["key"] == "missing_required_permission"
        assert removed.json()["key"] == "missing_required_permission"
        assert counts() == before


def test_the_list_is_narrowed(api: ApiClient, code: Voucher) -> None:
    made = api.post(SHORT, people("ada", "bob")).json()["holders"]
    name = "filters[{}][conditions][$is]"

    by_role = api.get(SHORT, {name.format("holder_role"): "REFERRER"}).json()
    by_person = api.get(
        SHORT, {name.format("customer_id"): made[1]["customer_id"]}
    ).json()

    assert [one["holder_role"] for one in by_role["data"]] == ["REFERRER"]
    assert [one["id"] for one in by_person["data"]] == [made[1]["id"]]


def test_a_deleted_customer_is_no_holder_any_more(
    api: ApiClient, code: Voucher
) -> None:
    made = api.post(SHORT, people("ada")).json()["holders"][0]

    api.delete(f"/v1/customers/{made['customer_id']}")

    assert api.get(SHORT).json()["total"] == 1


def test_referees_pass_the_rule_that_only_holders_may_use_a_code(
    api: ApiClient, code: Voucher
) -> None:
    rule = ValidationRuleFactory(
        project=api.project,
        rules={
            "1": {
                "name": "publication.redeemable_by_linked_customer",
                "property": None,
                "conditions": {"$is": [True]},
            },
            "logic": "1",
        },
    )
    AssignmentFactory(project=api.project, rule=rule, related_object_id=code.pk)
    api.post(SHORT, people("ada"))

    refused = api.post("/v1/redemptions", redeeming("bob"))
    done = api.post("/v1/redemptions", redeeming("ada"))

    assert refused.status_code == 400
    assert refused.json()["key"] == "customer_rules_violated"
    assert done.json()["redemptions"][0]["result"] == "SUCCESS"


def test_a_wallet_offers_the_code_that_refers_its_owner(
    api: ApiClient, code: Voucher
) -> None:
    api.post(SHORT, people("ada"))
    body = {
        "customer": {"source_id": "ada"},
        "order": {"amount": 10_000},
        "scenario": "CUSTOMER_WALLET",
    }
    role = {"filters": {"holder_role": {"conditions": {"$is": ["REFEREE"]}}}}

    shown = api.post("/v1/qualifications", body | {"options": role}).json()
    others = api.post(
        "/v1/qualifications", body | {"customer": {"source_id": "bob"}}
    ).json()

    assert [one["id"] for one in shown["redeemables"]["data"]] == ["INVITE"]
    assert others["redeemables"]["data"] == []


@pytest.mark.django_db(transaction=True)
def test_one_person_added_twice_at_once_is_added_once(
    api: ApiClient, code: Voucher
) -> None:
    def work() -> int:
        status: int = server_client(code.project).post(SHORT, people("ada")).status_code
        return status

    outcomes = at_once(*[work] * 6)

    assert sorted(outcomes) == [200, *[409] * 5]
    assert Holder.objects.filter(role=HolderRole.REFEREE).count() == 1
    assert Customer.objects.filter(source_id="ada").count() == 1
