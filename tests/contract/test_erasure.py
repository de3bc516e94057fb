"""Nothing of an erased person is left in any table, whatever was done with them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from campaigns.models import HolderRole
from customers.engine.tracking import encode
from customers.models import Customer, UnconfirmedCustomer
from promo.api.models import IdempotentAnswer
from promo.call_log.forgetting import finish
from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.models import Redemption
from redemptions.services.verification import CHECKS
from tests.admin_site import sign_in
from tests.factories.campaigns import (
    GiftCardFactory,
    HolderFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.consents import ConsentFactory
from tests.factories.customers import CustomerFactory
from tests.factories.distributions import running, send
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, browser_client

pytestmark = pytest.mark.django_db

SOURCE_ID = "unmistakable-source-id-7"
NAME = "Zażółć Unmistakable"
EMAIL = "unmistakable@example.com"
PHONE = "+48 600 777 888"
STREET = "Unmistakable Street 7"
NOTE = "unmistakable note"
PERSON = {
    "source_id": SOURCE_ID,
    "name": NAME,
    "email": EMAIL,
    "phone": PHONE,
    "description": NOTE,
    "address": {"line_1": STREET, "city": "Unmistakable City"},
    "metadata": {"hobby": NOTE},
}
NOTES = {"note": NOTE}
MARKS = (
    *(SOURCE_ID, encode(SOURCE_ID), NAME, EMAIL, PHONE, STREET),
    *(NOTE, "unmistakable", "Zażółć"),
)


def tables_with(marks: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the rows of the whole database whose text has one of ``marks``."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT to_jsonb(t)::text FROM "{table}" t '  # noqa: S608 - a table's name
                "WHERE to_jsonb(t)::text ILIKE ANY(%s)",
                [[f"%{mark}%" for mark in marks]],
            )
            rows = [row for (row,) in cursor.fetchall()]
            if rows:
                found[table] = rows
    return found


def settle() -> None:
    while publish_batch(now=utc_now()):
        pass


def redeeming(code: str, customer: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        "redeemables": [{"object": "voucher", "id": code}],
        "customer": dict(customer),
        "metadata": NOTES,
        "order": {
            "source_id": f"order-{number}",
            "metadata": NOTES,
            "items": [
                {
                    "source_id": "tea",
                    "quantity": 2,
                    "price": 5_000,
                    "metadata": {"engraving": NAME},
                }
            ],
        },
    }


@pytest.fixture
def live(api: ApiClient, project: Project) -> str:
    """The id of a person who has left traces wherever a person can."""
    project.client_create_customer_enabled = True
    project.save()
    VoucherFactory(project=project, code="SAVE")
    VoucherFactory(project=project, code="MINE")
    GiftCardFactory(project=project, code="GIFT")
    running(project, trigger={"type": "customer.order.created"})
    failed = redeeming("NONE", PERSON, 1)
    assert api.post("/v1/redemptions", failed).status_code in {400, 404}
    api.post("/v1/validations", redeeming("SAVE", PERSON, 1))
    keyed = {"Idempotency_Key": f"make-{EMAIL}"}
    made = api.post("/v1/customers", PERSON, **keyed).json()
    api.put(f"/v1/customers/{SOURCE_ID}", {"birthdate": "1990-12-10"})
    _buy(api)
    _hold(api, project)
    _tell(api, project, made["id"])
    settle()
    assert send(utc_now()) >= 2
    customer_id: str = made["id"]
    return customer_id


def _buy(api: ApiClient) -> None:
    keyed = {"Idempotency_Key": "buy"}
    bought = api.post("/v1/redemptions", redeeming("SAVE", PERSON, 2), **keyed)
    assert bought.status_code == 200, bought.content
    order = bought.json()["order"]["id"]
    back = {"items": [{"index": 0, "quantity": 1}], "reason": NOTE, "metadata": NOTES}
    assert api.post(f"/v1/orders/{order}/returns", back).status_code == 200
    second = api.post("/v1/redemptions", redeeming("SAVE", PERSON, 3)).json()
    undone = api.post(
        f"/v1/redemptions/{second['redemptions'][0]['id']}/rollback",
        {"reason": f"{NAME} asked for it", "metadata": NOTES},
    )
    assert undone.status_code == 200, undone.content
    again = f"/v1/redemptions/{second['redemptions'][0]['id']}/rollback"
    assert api.post(again, {"reason": NOTE}).status_code == 400
    missing = redeeming("NONE", PERSON, 4)
    assert api.post("/v1/redemptions", missing).status_code in {400, 404}
    body = {"source_id": "plain", "amount": 10, "metadata": NOTES}
    api.post("/v1/orders", {**body, "customer": PERSON, "status": "PAID"})
    for_another = {"source_id": "referred", "amount": 10, "referrer": PERSON}
    api.post("/v1/orders", {**for_another, "customer": {"source_id": "bob"}})
    lock = redeeming("SAVE", PERSON, 5)
    lock |= {"session": {"type": "LOCK", "key": f"cart of {EMAIL}"}}
    assert api.post("/v1/validations", lock).json()["valid"] is True


def _hold(api: ApiClient, project: Project) -> None:
    for code in ("MINE", "GIFT"):
        given = {"voucher": code, "customer": PERSON, "metadata": NOTES}
        keyed = {"Idempotency_Key": f"give-{code}"}
        sent = {**given, "source_id": f"{code} for {EMAIL}"}
        assert api.post("/v1/publications", sent, **keyed).status_code == 200
    api.post("/v1/publications", {"campaign": "None", "customer": PERSON})
    api.post("/v1/publications", {"customer": PERSON, "metadata": NOTES})
    api.post("/v1/vouchers/GIFT/balance", {"amount": 10, "reason": f"for {NAME}"})
    paid = redeeming("GIFT", {"source_id": "bob"}, 6)
    del (
        paid["metadata"],
        paid["order"]["metadata"],
        paid["order"]["items"][0]["metadata"],
    )
    assert api.post("/v1/redemptions", paid).status_code == 200
    for name, referrer in (("Hers", PERSON), ("Theirs", {"source_id": "eve"})):
        campaign = ReferralCampaignFactory(project=project, name=name)
        VoucherFactory(campaign=campaign, code=f"REFER-{name}", is_referral_code=True)
        given = {"voucher": f"REFER-{name}", "customer": referrer}
        assert api.post("/v1/publications", given).status_code == 200
    referees = {"holders": [PERSON], "metadata": NOTES}
    path = "/v1/referrals/members/REFER-Theirs/holders"
    assert api.post(path, referees).status_code == 200
    joined = redeeming("REFER-Theirs", PERSON, 7)
    assert api.post("/v1/redemptions", joined).status_code == 200
    invited = {
        "redeemables": [{"object": "voucher", "id": "REFER-Hers"}],
        "customer": {"source_id": "bob"},
    }
    assert api.post("/v1/redemptions", invited).status_code == 200


def _tell(api: ApiClient, project: Project, customer_id: str) -> None:
    listed = {"name": "Friends", "type": "static", "customers": [SOURCE_ID]}
    api.post("/v1/segments", listed)
    asked = {"junction": "and", "email": {"conditions": {"$is": [EMAIL]}}}
    for kind in ("passive", "auto-update"):
        body = {"name": kind, "type": kind, "filter": asked}
        assert api.post("/v1/segments", body).status_code == 200
    consent = ConsentFactory(project=project)
    api.put(f"/v1/customers/{customer_id}/consents", {consent.pk: True})
    pending = {**PERSON, "email": EMAIL.upper()}
    opted = browser_client(project).post(
        "/client/v1/customers", pending, X_Voucherify_Double_Opt_In="true"
    )
    assert opted.json()["object"] == "unconfirmed_customer"
    customer = Customer.objects.get(pk=customer_id)
    person = sign_in(project, "USER")
    person.change(customer, name=NAME, description=f"{NOTE} changed")
    AsyncAction.objects.create(
        project=project,
        type="CUSTOMERS.METADATA_KEY_PURGE",
        operation="CUSTOMERS.METADATA_KEY_PURGE",
        arguments={"customers": [PERSON], "other": {"source_id": "bob"}},
        result={"failed": [{"source_id": SOURCE_ID, "reason": "none"}]},
        created_at=NOW,
        finished_at=NOW,
    )


def test_the_traces_are_there(live: str) -> None:
    found = set(tables_with(MARKS))

    assert found >= {
        "api_idempotentanswer",
        "campaigns_holder",
        "campaigns_publication",
        "customers_customer",
        "customers_segment",
        "customers_unconfirmedcustomer",
        "django_admin_log",
        "jobs_asyncaction",
        "outbox_domainevent",
        "redemptions_ledgerentry",
        "redemptions_order",
        "redemptions_orderreturn",
        "redemptions_redemption",
        "redemptions_sessionlock",
        "redemptions_soldline",
        "webhooks_distributionmessage",
    }
    assert Redemption.objects.filter(customer=None, tracking_id__gt="").exists()


@pytest.mark.parametrize("was_deleted", [False, True])
def test_nothing_of_an_erased_person_is_left(
    api: ApiClient, project: Project, live: str, *, was_deleted: bool
) -> None:
    if was_deleted:
        assert api.delete(f"/v1/customers/{SOURCE_ID}").status_code == 204

    answer = api.post(f"/v1/customers/{live}/permanent-deletion")

    shown = answer.json()
    assert answer.status_code == 200
    # Calls that are on their way into the log are searched once more, a little later.
    assert tables_with(MARKS).keys() == {"call_log_forgetting"}
    assert shown["related_object_id"] == live
    assert shown["object"] == "pernament_deletion"
    counts = shown["data_json"]
    assert counts["customer"] == 1
    assert counts["orders"] == 4
    # The filters ask for an address that the person does not have any more.
    assert counts["segments"] == (0 if was_deleted else 1)
    assert counts["daily_events"] == 0
    assert min(counts["events"], counts["customer_events"], counts["order_events"]) > 0
    settle()
    finish(now=utc_now() + timedelta(minutes=10))
    assert tables_with(MARKS) == {}
    assert {check.name: list(check.find()) for check in CHECKS} == {
        check.name: [] for check in CHECKS
    }


def test_others_keep_what_is_theirs(
    api: ApiClient, project: Project, live: str
) -> None:
    bob = Customer.objects.get(source_id="bob")
    CustomerFactory(project=project, source_id="dan")
    theirs = DomainEvent.objects.filter(customer_id=bob.pk)
    before = {event.pk: event.type for event in theirs}

    api.post(f"/v1/customers/{live}/permanent-deletion")

    kept = {event.pk: event.type for event in theirs}
    action = AsyncAction.objects.get(type="CUSTOMERS.METADATA_KEY_PURGE")
    referred = theirs.get(type="customer.referred")
    assert before.items() <= kept.items()
    assert referred.payload["referrer"] == {"id": live, "object": "customer"}
    assert referred.payload["customer"]["source_id"] == "bob"
    assert action.arguments["other"] == {"source_id": "bob"}
    assert action.arguments["customers"] == [{"id": live, "object": "customer"}]
    assert Customer.objects.filter(source_id__in=["bob", "eve", "dan"]).count() == 3


def test_a_retry_about_an_erased_person_does_nothing(api: ApiClient, live: str) -> None:
    api.post(f"/v1/customers/{live}/permanent-deletion")
    before = Redemption.objects.count()

    again = api.post(
        "/v1/redemptions", redeeming("SAVE", PERSON, 2), Idempotency_Key="buy"
    )

    assert again.status_code == 404
    assert again.json()["resource_id"] == live
    assert Redemption.objects.count() == before
    assert Customer.objects.filter(source_id=SOURCE_ID).count() == 0
    assert IdempotentAnswer.objects.get(key="buy").status == 404


def test_another_projects_twin_is_left_alone(
    api: ApiClient, other_api: ApiClient, live: str
) -> None:
    twin = other_api.post("/v1/customers", PERSON).json()
    browser = browser_client(other_api.project)
    other_api.project.client_create_customer_enabled = True
    other_api.project.save()
    browser.post("/client/v1/customers", PERSON, X_Voucherify_Double_Opt_In="true")

    api.post(f"/v1/customers/{live}/permanent-deletion")

    kept = Customer.objects.get(pk=twin["id"])
    assert (kept.name, kept.email) == (NAME, EMAIL)
    assert UnconfirmedCustomer.objects.get().email == EMAIL
    told = DomainEvent.objects.get(project=other_api.project)
    assert told.payload["customer"]["name"] == NAME


def test_a_referees_record_goes_with_the_referee(
    api: ApiClient, project: Project, live: str
) -> None:
    holder = HolderFactory(
        voucher=VoucherFactory(project=project), role=HolderRole.REFEREE
    )

    api.post(f"/v1/customers/{live}/permanent-deletion")

    assert project.holders.filter(customer=live).count() == 0
    assert project.holders.filter(pk=holder.pk).exists()
