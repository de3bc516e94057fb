"""``/v1/events`` and the same for a browser."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import ReferralConversion
from customers.models import Customer, CustomEvent, CustomEventCount
from promo.clock import isoformat
from promo.outbox.models import DomainEvent
from promo.tenancy import credentials
from promo.tenancy.access_scope import Place
from tests.contract.test_isolation import rows_of
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import (
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory, EventSchemaFactory
from tests.fixtures.api import server_client
from tests.outbox import events_of

pytestmark = pytest.mark.django_db

PATHS = ["/v1/events", "/client/v1/events"]
ADA = {"source_id": "ada"}
PLAIN = {"event": "signed_up", "customer": ADA}


@pytest.fixture
def schema(project):
    """The event ``signed_up``, with a plan where there is one."""
    plan = {"plan": {"type": "string", "optional": True}}
    return EventSchemaFactory.create(project=project, name="signed_up", properties=plan)


@pytest.fixture
def eve(project):
    return CustomerFactory.create(project=project, source_id="eve", name="Eve")


@pytest.fixture
def program(project, schema):
    """A programme that counts ``signed_up``."""
    return ReferralCampaignFactory.create(project=project, counts=schema)


@pytest.fixture
def code(program, eve):
    """Eve's referral code."""
    return VoucherFactory.create(
        campaign=program, code="INVITE", holder=eve, is_referral_code=True
    )


@pytest.fixture
def card(project):
    program = LoyaltyProgramFactory.create(project=project)
    return LoyaltyCardFactory.create(campaign=program, code="CARD")


def caller(path, api, browser):
    return browser if path.startswith("/client") else api


def stored_of(project):
    rows = rows_of(project)
    del rows["ApiKey"], rows["Change"]
    rows.pop("IdempotentAnswer", None)
    return rows


@pytest.mark.parametrize("path", PATHS)
def test_an_event_of_somebody_new_is_stored_and_counted(
    api, browser, schema, project, path
):
    customer = {"source_id": "ada", "name": "Ada", "metadata": {"team": "latin"}}
    body = {"event": "signed_up", "customer": customer, "metadata": {"plan": "P1"}}

    answer = caller(path, api, browser).post(path, body)

    ada, event = Customer.objects.get(), CustomEvent.objects.get()
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "object": "event",
        "type": "signed_up",
        "customer": {
            "id": ada.pk,
            "name": "Ada",
            "email": None,
            "source_id": "ada",
            "metadata": {"team": "latin"},
            "object": "customer",
        },
        "referral": None,
        "loyalty": None,
        "metadata": {"plan": "P1"},
    }
    assert (event.customer_id, event.name) == (ada.pk, "signed_up")
    assert event.metadata == {"plan": "P1"}
    count = CustomEventCount.objects.get()
    assert (count.customer_id, count.name, count.count) == (ada.pk, "signed_up", 1)
    assert count.first_occurred_at == count.last_occurred_at == event.created_at
    assert events_of(project) == ["customer.created", "customer.custom_event"]


def test_the_activity_tells_of_the_event(api, schema, project):
    ada = CustomerFactory.create(project=project, source_id="ada")

    api.post("/v1/events", {**PLAIN, "metadata": {"plan": "P1", "more": [1]}})

    event = CustomEvent.objects.get()
    shown = api.get("/v1/customers/ada/activity").json()["data"]
    assert [each["type"] for each in shown] == ["customer.custom_event"]
    assert shown[0]["data"].pop("event_source")["channel"] == "API"
    assert shown[0]["data"] == {
        "event": {
            "id": event.pk,
            "object": "event",
            "type": "signed_up",
            "customer": {"id": ada.pk, "object": "customer"},
            "referral": None,
            "loyalty": None,
            "metadata": {"plan": "P1", "more": [1]},
            "created_at": isoformat(event.created_at),
        },
        "event_schema": {"id": schema.pk, "name": "signed_up"},
        "customer": {
            "id": ada.pk,
            "name": None,
            "email": None,
            "source_id": "ada",
            "metadata": {},
            "object": "customer",
        },
        "referral": None,
        "loyalty": None,
    }


def test_a_known_customer_gets_the_given_fields(api, schema, eve):
    sent = {"id": eve.pk, "source_id": "ignored", "email": "eve@example.com"}

    answer = api.post("/v1/events", {"event": "signed_up", "customer": sent}).json()

    assert answer["customer"]["id"] == eve.pk
    assert answer["metadata"] == {}
    eve.refresh_from_db()
    assert (eve.source_id, eve.name, eve.email) == ("eve", "Eve", "eve@example.com")


def test_a_browser_may_name_its_customer_by_the_tracking_id(browser, schema, eve):
    body = {"event": "signed_up", "customer": {"source_id": "track_ZXZl"}}

    answer = browser.post("/client/v1/events", body)

    assert answer.json()["customer"]["id"] == eve.pk
    assert Customer.objects.count() == 1


def test_the_same_event_again_is_counted_and_times_only_widen(api, schema):
    for _ in range(3):
        api.post("/v1/events", PLAIN)

    count = CustomEventCount.objects.get()
    moments = sorted(CustomEvent.objects.values_list("created_at", flat=True))
    assert count.count == 3
    assert (count.first_occurred_at, count.last_occurred_at) == (
        moments[0],
        moments[-1],
    )


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("changed", "details"),
    [
        ({"event": None}, "Property .event must be string"),
        ({"event": ""}, "Property .event must NOT have fewer than 1 characters"),
        (
            {"event": "e" * 301},
            "Property .event must NOT have more than 300 characters",
        ),
        ({"customer": "ada"}, "Property .customer must be object"),
        ({"customer": {"name": 5}}, "Property .customer.name must be string"),
        (
            {"referral": {}},
            "Property .referral should have required property 'code'",
        ),
        (
            {"loyalty": {"card": "x"}},
            "Property .loyalty should have required property 'code'",
        ),
        ({"referral": "INVITE"}, "Property .referral must be object"),
        (
            {"referral": {"code": "X", "referrer_id": 5}},
            "Property .referral.referrer_id must be string",
        ),
        ({"metadata": []}, "Property .metadata must be object"),
    ],
)
def test_a_malformed_event_is_refused_before_all_else(
    api, browser, project, *, path, changed, details
):
    before = stored_of(project)

    refused = caller(path, api, browser).post(path, {**PLAIN, **changed})

    assert refused.status_code == 400
    assert refused.json()["key"] == "invalid_payload"
    assert refused.json()["details"] == details
    assert stored_of(project) == before


@pytest.mark.parametrize("missing", ["event", "customer"])
def test_an_event_has_a_name_and_a_customer(api, schema, missing):
    body = {name: value for name, value in PLAIN.items() if name != missing}

    refused = api.post("/v1/events", body)

    assert refused.json()["details"] == (
        f"Payload must have required property '{missing}'"
    )
    assert not Customer.objects.exists()


@pytest.mark.parametrize("customer", [{}, {"name": "Ada"}, {"source_id": ""}])
def test_a_customer_whom_nothing_names_is_refused(api, schema, project, customer):
    before = stored_of(project)

    refused = api.post("/v1/events", {"event": "signed_up", "customer": customer})

    assert refused.status_code == 400
    assert (refused.json()["key"], refused.json()["message"]) == (
        "invalid_customer",
        "Invalid customer",
    )
    assert stored_of(project) == before


NOBODY = f"cust_{'0' * 32}"


@pytest.mark.usefixtures("code", "card")
@pytest.mark.parametrize(
    ("body", "named", "kind"),
    [
        (
            {"event": "unknown", "customer": {"id": NOBODY, "name": "New"}},
            NOBODY,
            "customer",
        ),
        (
            {"event": "unknown", "customer": ADA, "metadata": {"plan": 5}},
            "unknown",
            "custom_event_schema",
        ),
        (
            {**PLAIN, "customer": {**ADA, "name": "New"}, "referral": {"code": "X"}},
            "X",
            "voucher",
        ),
        ({**PLAIN, "referral": {"code": "CARD"}}, "CARD", "voucher"),
        ({**PLAIN, "loyalty": {"code": "X"}}, "X", "voucher"),
        ({**PLAIN, "loyalty": {"code": "INVITE"}}, "INVITE", "voucher"),
        (
            {**PLAIN, "referral": {"code": "INVITE", "referrer_id": "nobody"}},
            "nobody",
            "customer",
        ),
    ],
)
def test_what_is_unknown_is_named_and_nothing_is_stored(
    api, project, *, body, named, kind
):
    before = stored_of(project)

    refused = api.post("/v1/events", body)

    answer = refused.json()
    assert refused.status_code == 404
    assert (answer["key"], answer["resource_id"], answer["resource_type"]) == (
        "not_found",
        named,
        kind,
    )
    assert answer["details"] == f"Cannot find {kind} with id {named}"
    assert stored_of(project) == before


def test_metadata_that_break_the_schema_are_refused_and_nothing_is_stored(
    api, schema, project
):
    before = stored_of(project)
    body = {**PLAIN, "customer": {**ADA, "name": "New"}, "metadata": {"plan": 5}}

    refused = api.post("/v1/events", {**body, "referral": {"code": "X"}})

    assert refused.status_code == 400
    assert refused.json()["key"] == "metadata_validation_failed"
    assert refused.json()["details"] == "plan: must be a string (actual value is '5')"
    assert stored_of(project) == before


@pytest.mark.usefixtures("code", "card")
@pytest.mark.parametrize("part", ["referral", "loyalty"])
def test_a_browser_needs_the_switch_for_codes(browser, project, part):
    held = {part: {"code": "INVITE" if part == "referral" else "CARD"}}
    before = stored_of(project)

    refused = browser.post("/client/v1/events", {"event": "x", "customer": {}, **held})
    unchanged = stored_of(project)
    plain = browser.post("/client/v1/events", {**PLAIN, part: None})
    project.client_loyalty_events_enabled = True
    project.save()
    credentials.forget()
    allowed = browser.post("/client/v1/events", {**PLAIN, **held})

    assert refused.status_code == 403
    assert (refused.json()["key"], refused.json()["details"]) == (
        "forbidden",
        "The project setting client_loyalty_events_enabled is off",
    )
    assert unchanged == before
    assert [plain.status_code, allowed.status_code] == [200, 200]


def test_a_browser_from_elsewhere_is_refused(browser, project, schema):
    project.client_trusted_domains = ["other.example.com"]
    project.save()

    refused = browser.post("/client/v1/events", PLAIN)

    assert refused.status_code == 403
    assert not CustomEvent.objects.exists()


@pytest.mark.parametrize("role", ["VIEWER", "MERCHANT"])
def test_who_may_not_change_customers_tracks_no_events(project, schema, role):
    refused = server_client(project, role=role).post("/v1/events", PLAIN)

    assert refused.status_code == 403
    assert refused.json()["key"] == "missing_required_permission"
    assert not Customer.objects.exists()


def test_a_card_is_told_with_its_programme(api, schema, project, card):
    answer = api.post("/v1/events", {**PLAIN, "loyalty": {"code": "CARD"}})

    assert answer.json()["loyalty"] is None
    assert CustomEvent.objects.get().loyalty == {"code": "CARD"}
    told = DomainEvent.objects.get(type="customer.custom_event").payload
    assert told["event"]["loyalty"] == {"code": "CARD"}
    assert told["loyalty"]["voucher"]["id"] == card.pk
    assert told["loyalty"]["campaign"]["id"] == card.campaign_id
    assert told["referral"] is None


def test_a_referral_is_told_and_makes_a_referee(api, project, eve, program, code):
    named = {"code": "INVITE", "referrer_id": "eve"}

    answer = api.post("/v1/events", {**PLAIN, "referral": named})

    assert answer.status_code == 200, answer.content
    assert answer.json()["referral"] is None
    ada, event = Customer.objects.get(source_id="ada"), CustomEvent.objects.get()
    sent = {"referrer_id": eve.pk, "code": "INVITE", "id": code.pk}
    assert (event.referral, event.referrer_id) == (sent, eve.pk)
    made = ReferralConversion.objects.get()
    assert (made.campaign_id, made.voucher_id) == (program.pk, code.pk)
    assert (made.referee_id, made.referrer_id) == (ada.pk, eve.pk)
    assert (made.related_object_type, made.related_object_id) == (
        "custom_event",
        event.pk,
    )
    assert events_of(project) == [
        "customer.created",
        "customer.custom_event",
        "customer.referred",
    ]
    told = DomainEvent.objects.get(type="customer.custom_event").payload
    referred = DomainEvent.objects.get(type="customer.referred")
    assert told["event"]["referral"] == sent
    assert told["referral"]["referrer"]["name"] == "Eve"
    assert told["referral"]["voucher"]["code"] == "INVITE"
    assert told["referral"]["campaign"]["id"] == program.pk
    assert referred.payload == {
        "customer": told["customer"],
        **told["referral"],
        "custom_event": told["event"],
        "redemption": None,
    }
    assert (referred.customer_id, referred.campaign_id, referred.category) == (
        ada.pk,
        program.pk,
        "EFFECT",
    )


def test_a_referee_converts_once_and_the_rest_are_plain_events(
    api, project, program, code
):
    other = VoucherFactory.create(
        campaign=program,
        code="MORE",
        holder=CustomerFactory.create(project=project),
        is_referral_code=True,
    )

    for voucher in (code, code, other):
        body = {**PLAIN, "referral": {"code": voucher.code}}
        assert api.post("/v1/events", body).status_code == 200

    assert ReferralConversion.objects.get().voucher_id == code.pk
    assert events_of(project).count("customer.custom_event") == 3
    assert events_of(project).count("customer.referred") == 1
    assert CustomEventCount.objects.get().count == 3


def test_a_customer_may_be_the_referee_of_two_programmes(
    api, project, schema, code, eve
):
    second = ReferralCampaignFactory.create(project=project, counts=schema)
    VoucherFactory.create(
        campaign=second, code="MORE", holder=eve, is_referral_code=True
    )

    for named in ("INVITE", "MORE"):
        api.post("/v1/events", {**PLAIN, "referral": {"code": named}})

    assert ReferralConversion.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"campaign": {"active": False}},
        {"campaign": {"expiration_date": "2020-01-01T00:00Z"}},
        {"campaign": {"start_date": "2999-01-01T00:00Z"}},
        {"campaign": {"referral_program": {"conversion_event_type": "redemption"}}},
        {"campaign": {"referral_program": {"custom_event": {"id": "ms_other"}}}},
        {"code": {"active": False}},
        {"code": {"expiration_date": "2020-01-01T00:00Z"}},
    ],
)
def test_a_referral_that_does_not_count_is_a_plain_event(
    api, project, program, code, changes
):
    for name, values in changes.items():
        row = {"campaign": program, "code": code}[name]
        type(row).objects.filter(pk=row.pk).update(**values)

    answer = api.post("/v1/events", {**PLAIN, "referral": {"code": "INVITE"}})

    assert answer.status_code == 200, answer.content
    assert not ReferralConversion.objects.exists()
    assert CustomEvent.objects.get().referral["code"] == "INVITE"
    assert events_of(project) == ["customer.created", "customer.custom_event"]


def test_a_code_that_nobody_gives_away_refers_nobody(api, project, program):
    VoucherFactory.create(campaign=program, code="FREE", is_referral_code=True)

    answer = api.post("/v1/events", {**PLAIN, "referral": {"code": "FREE"}})

    assert answer.status_code == 200
    event = CustomEvent.objects.get()
    assert (event.referral["code"], event.referrer_id) == ("FREE", None)
    told = DomainEvent.objects.get(type="customer.custom_event").payload
    assert told["referral"] is None
    assert not ReferralConversion.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"customer": {"source_id": "eve"}, "referral": {"code": "INVITE"}},
        {"customer": ADA, "referral": {"code": "INVITE", "referrer_id": "ada"}},
    ],
)
def test_nobody_refers_himself(api, project, code, body):
    before = stored_of(project)

    refused = api.post("/v1/events", {"event": "signed_up", **body})

    answer = refused.json()
    assert refused.status_code == 400
    assert (answer["key"], answer["message"], answer["details"]) == (
        "referrer_not_permitted_to_redeem",
        "voucher cannot be redeemed by referrer",
        "INVITE",
    )
    assert stored_of(project) == before


def test_a_restricted_caller_reaches_codes_of_his_places_alone(project, program, code):
    area, other = AreaFactory.create_batch(2, project=project)
    put(program, Place(other.pk))
    body = {**PLAIN, "referral": {"code": "INVITE"}}

    refused = restricted_client(project, Place(area.pk)).post("/v1/events", body)
    unchanged = CustomEvent.objects.exists()
    allowed = restricted_client(project, Place(other.pk)).post("/v1/events", body)

    assert (refused.status_code, refused.json()["key"]) == (403, "forbidden")
    assert not unchanged
    assert allowed.status_code == 200, allowed.content


def test_a_repeated_key_tracks_the_event_once(api, schema):
    first, second = (
        api.post("/v1/events", PLAIN, Idempotency_Key="one") for _ in range(2)
    )

    assert first.json() == second.json()
    assert CustomEventCount.objects.get().count == 1


@pytest.mark.usefixtures("code", "card")
@pytest.mark.parametrize(
    ("extra", "most"),
    [({}, 4), ({"referral": {"code": "INVITE"}, "loyalty": {"code": "CARD"}}, 8)],
)
def test_an_event_costs_the_same_however_many_there_were(api, *, extra, most):
    costs = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as caught:
            assert api.post("/v1/events", {**PLAIN, **extra}).status_code == 200
        work = [one for one in caught if "SAVEPOINT" not in one["sql"]]
        costs.append(len(work))

    assert costs[1:] == [most, most]
