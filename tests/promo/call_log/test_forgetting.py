"""Erasing a person takes them out of the calls that name them."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine

from customers.models import Customer
from promo.call_log.forgetting import ARRIVAL, finish, forget_person
from promo.call_log.masking import mask_emails
from promo.call_log.models import ApiCall, Forgetting
from promo.call_log.tasks import forget_in_late_calls
from promo.clock import utc_now
from tests.factories.customers import CustomerFactory
from tests.promo.call_log.calls import NOON, store_call

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


def bodies():
    """Return the bodies that are left, one text a call."""
    rows = ApiCall.objects.order_by("id")
    return [row.request_body + row.response_body for row in rows]


@pytest.mark.parametrize(
    "named",
    [
        {"sent": b'{"customer": {"source_id": "ada-1", "name": "Ada"}}'},
        {"sent": b'{"customer":"ada-1"}'},
        {"answered": b'{"resource_id": "ada-1"}', "sent": b'{"name": "Ada"}'},
        {"url": "/v1/customers/ada-1", "sent": b'{"name": "Ada"}'},
        {"url": "/v1/customers/ada-1/activity?limit=1", "sent": b'{"name": "Ada"}'},
        {"url": "/v1/vouchers?customer=ada-1&limit=1", "answered": b'["Ada"]'},
    ],
)
def test_a_call_that_names_the_person_loses_its_bodies(project, named):
    store_call(project, **named)

    count = forget_person(project, ["ada-1"], now=LATER)

    call = ApiCall.objects.get()
    assert count == 1
    assert (call.request_body, call.response_body) == ("", "")
    assert "ada" not in call.url
    assert call.erased_at == LATER
    assert (call.status, call.endpoint) == (200, "GET_v1_vouchers")


@pytest.mark.parametrize(
    "named",
    [
        {"sent": b'{"source_id": "ada-10"}'},
        {"sent": b'{"note": "about ada-1 and others"}'},
        {"url": "/v1/customers/ada-10"},
        {"url": "/v1/vouchers?code=my-ada-1"},
    ],
)
def test_a_call_of_somebody_else_keeps_its_bodies(project, named):
    store_call(project, **named)
    before = ApiCall.objects.values().get()

    count = forget_person(project, ["ada-1"], now=LATER)

    assert count == 0
    assert ApiCall.objects.values().get() == before


def test_an_address_keeps_what_does_not_name_the_person(project):
    store_call(project, url="/v1/customers/ada-1/segments?tracking=ada-1")

    forget_person(project, ["ada-1"], now=LATER)

    assert ApiCall.objects.get().url == "/v1/customers/***/segments"


@pytest.mark.parametrize(
    "source_id", ["a%b_c", r"a\b", 'a"b', "a/b c+d", "a.b*(c)|d", "Zoë", "a?b=c&d"]
)
def test_any_id_is_found_as_it_is_stored_and_nothing_like_it(
    api, project, call_log, source_id
):
    customer = CustomerFactory.create(project=project, source_id=source_id)
    store_call(project, sent=b'{"source_id": "axb1c"}')
    api.get(f"/v1/customers/{quote(source_id, safe='')}")
    api.get("/v1/customers", {"name": "x", "note": source_id})
    api.post("/v1/customers", {"source_id": source_id, "name": "Ada"})
    call_log.all()

    assert forget_person(project, [customer.source_id], now=utc_now()) == 3
    assert bodies().count("") == 3


def test_a_person_known_by_an_email_address_alone_is_found(project):
    store_call(project, sent=b'{"customer": {"email": "Ada@Example.com"}}')
    store_call(project, url="/v1/customers?email=ada%40example.com")
    store_call(project, sent=b'{"customer": {"email": "eve@example.com"}}')

    count = forget_person(project, ["ada@example.com"], now=LATER)

    eve = mask_emails("eve@example.com")
    assert count == 2
    assert sorted(bodies()) == ["", "", f'{{"customer": {{"email": "{eve}"}}}}']


def test_another_projects_calls_are_not_touched(project, other_project):
    store_call(other_project, sent=b'{"source_id": "ada-1"}')

    assert forget_person(project, ["ada-1"], now=LATER) == 0
    assert bodies() == ['{"source_id": "ada-1"}']


def test_nothing_names_nobody(project):
    store_call(project, sent=b'{"source_id": ""}')

    assert forget_person(project, ["", ""], now=LATER) == 0
    assert bodies() == ['{"source_id": ""}']
    assert Forgetting.objects.count() == 0


def test_forgetting_costs_one_statement_whatever_the_calls(
    project, django_assert_num_queries
):
    for number in range(20):
        store_call(project, sent=b'{"id": "ada-1"}', created_at=NOON)
        store_call(project, sent=b'{"id": "%d"}' % number, created_at=NOON)

    with django_assert_num_queries(4):  # a savepoint around, and the row for later
        assert forget_person(project, ["ada-1", "x", "y"], now=LATER) == 20


def test_a_call_that_arrives_after_the_erasure_is_found_later(project):
    forget_person(project, ["ada-1"], now=NOON)
    store_call(project, sent=b'{"source_id": "ada-1"}', created_at=NOON)

    too_early = finish(now=NOON + ARRIVAL - timedelta(seconds=1))
    with time_machine.travel(NOON + ARRIVAL, tick=False):
        forget_in_late_calls()

    assert too_early == 0
    assert bodies() == [""]
    assert Forgetting.objects.count() == 0


def test_who_comes_later_by_the_same_id_is_somebody_else(project):
    forget_person(project, ["ada-1"], now=NOON)
    store_call(project, sent=b'{"source_id": "ada-1"}', created_at=NOON + 2 * ARRIVAL)

    finish(now=NOON + timedelta(days=1))

    assert bodies() == ['{"source_id": "ada-1"}']


def test_erasing_a_customer_leaves_nothing_of_them_in_the_log(api, project, call_log):
    profile = {
        "source_id": "ada-1",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+44123",
    }
    ada = api.post("/v1/customers", profile).json()["id"]
    api.post("/v1/customers", {"email": "ada@example.com", "phone": 5})
    api.get("/v1/customers/ada-1")
    api.get("/v1/customers")
    call_log.all()

    response = api.post(f"/v1/customers/{ada}/permanent-deletion")
    call_log.all()
    with time_machine.travel(utc_now() + ARRIVAL):
        forget_in_late_calls()

    calls = call_log.all()
    told = " ".join(str(vars(call)) for call in calls)
    assert response.status_code == 200
    assert Customer.objects.count() == 0
    assert len(calls) == 5
    for personal in ("Ada", "ada-1", "a***", "+44123", ada):
        assert personal not in told
