"""The API log at the dashboard."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from promo.call_log.models import ApiCall
from promo.jobs.models import AsyncAction
from promo.outbox.events import Event, emit
from promo.outbox.models import DomainEvent
from promo.tenancy.services.people import assign_role
from redemptions.models import Redemption
from tests.admin_site import (
    address,
    make_project,
    page_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.tenancy import client_key, server_key
from tests.promo.call_log.calls import NOON, store_call

pytestmark = pytest.mark.django_db
REQUEST = "v-" + "a1" * 9


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def shop():
    return make_project()


def ago(**time):
    return NOON - timedelta(**time)


def found(person, /, **query):
    """Return the request ids of the listed calls, short ones as they were given."""
    return [call.request_id for call in rows_of(person.list(ApiCall, **query))]


def test_an_anonymous_visitor_is_sent_to_the_sign_in_page():
    response = Client().get(address(ApiCall, "changelist"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("role", ["ADMIN", "USER", "VIEWER", "MERCHANT"])
def test_every_role_that_reads_logs_sees_the_calls_and_changes_none(shop, role):
    store_call(shop, request_id="one")
    person = sign_in(shop, role)
    call = ApiCall.objects.get()

    assert found(person) == ["one"]
    assert person.open(call).status_code == 200
    assert person.change(call, url="/other").status_code == 403
    assert person.delete(call).status_code == 403
    assert person.client.get(address(ApiCall, "add")).status_code == 403
    assert ApiCall.objects.get().url == "/v1/vouchers"


def test_somebody_without_a_role_sees_nothing(shop):
    store_call(shop)
    person = sign_in(shop, "VIEWER")
    person.user.memberships.all().delete()

    assert person.list(ApiCall).status_code == 403
    assert person.open(ApiCall.objects.get()).status_code == 403


def test_another_projects_calls_do_not_exist(shop):
    other = make_project("Other")
    store_call(other, request_id=REQUEST)
    person = sign_in(shop, "ADMIN")

    assert found(person) == []
    assert found(person, q=REQUEST) == []
    assert person.open(ApiCall.objects.get()).status_code == 302


def test_the_list_shows_the_last_24_hours_newest_first(shop):
    store_call(shop, request_id="new", created_at=ago(minutes=1))
    store_call(shop, request_id="older", created_at=ago(hours=23, minutes=59))
    store_call(shop, request_id="old", created_at=ago(hours=24))

    person = sign_in(shop, "VIEWER")

    assert found(person) == ["new", "older"]
    days = {"created_at_from": "2026-03-01", "created_at_to": "2026-03-09"}
    assert found(person, **days) == ["older", "old"]


def test_a_request_id_finds_its_call_of_any_time(shop):
    store_call(shop, request_id=REQUEST, created_at=ago(days=100))
    store_call(shop, request_id="v-" + "b2" * 9)
    person = sign_in(shop, "VIEWER")

    assert found(person, q=f" {REQUEST} ") == [REQUEST]
    pk = ApiCall.objects.get(request_id=REQUEST).pk
    assert found(person, q=pk) == [REQUEST]


@pytest.mark.parametrize("term", ["SPRING-1", "spring_x", "missing"])
def test_a_part_of_address_or_body_finds_what_holds_it(shop, term):
    store_call(shop, request_id="SPRING-1", url="/v1/vouchers/SPRING-1")
    store_call(shop, request_id="spring_x", sent=b'{"name": "spring_x"}')
    store_call(shop, request_id="missing", answered=b'{"error": "missing"}')

    assert found(sign_in(shop, "VIEWER"), q=term) == [term]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "2"}, ["ok"]),
        ({"status": "4"}, ["refused"]),
        ({"status": "5"}, ["failed"]),
        ({"status": "3"}, []),
        ({"status": "x"}, ["failed", "refused", "ok"]),
        ({"channel": "ruby"}, ["ok"]),
        ({"endpoint": "POST_v1_vouchers"}, ["refused"]),
        ({"endpoint": "POST_v1_vouchers", "status": "2"}, []),
    ],
)
def test_the_list_can_be_narrowed(shop, query, expected):
    store_call(shop, request_id="ok", channel="Ruby-SDK", created_at=ago(hours=3))
    store_call(
        shop, request_id="refused", status=404, method="POST", created_at=ago(hours=2)
    )
    store_call(shop, request_id="failed", status=500, created_at=ago(hours=1))

    assert found(sign_in(shop, "VIEWER"), **query) == expected


def test_calls_of_one_key_for_who_sees_the_keys(shop):
    server, client = server_key(shop).key, client_key(shop).key
    store_call(shop, request_id="server", app_id=UUID(str(server.app_id)))
    store_call(shop, request_id="client", client_app_id=UUID(str(client.app_id)))
    admin = sign_in(shop, "ADMIN")
    viewer = sign_in(shop, "VIEWER")
    theirs = server_key(make_project("Other")).key

    assert found(admin, key=server.pk) == ["server"]
    assert found(admin, key=client.pk) == ["client"]
    assert len(found(admin, key=theirs.pk)) == 2
    assert len(found(viewer, key=server.pk)) == 2
    assert 'name="key"' in text_of(admin.list(ApiCall))
    assert 'name="key"' not in text_of(viewer.list(ApiCall))


def test_calls_of_one_person_for_who_sees_the_people(shop):
    admin, viewer = sign_in(shop, "ADMIN"), sign_in(shop, "VIEWER")
    store_call(shop, request_id="page", user_email="admin@example.com")
    store_call(shop, request_id="api")

    assert found(admin, person="admin@example.com") == ["page"]
    assert len(found(viewer, person="admin@example.com")) == 2


def test_pages_go_by_the_last_row_and_count_nothing(shop, settings):
    for number in range(120):
        # Rows of one moment too are told apart.
        store_call(shop, request_id=str(number), created_at=ago(minutes=number // 3))
    person = sign_in(shop, "VIEWER")

    seen, query, pages = [], "", 0
    while True:
        response = person.client.get(address(ApiCall, "changelist") + query)
        shown = response.context["cl"]
        seen += [call.request_id for call in shown.result_list]
        pages += 1
        if not shown.older:
            break
        query = shown.older

    assert pages == 3
    assert sorted(map(int, seen)) == list(range(120))
    minutes = [int(number) // 3 for number in seen]
    assert minutes == sorted(minutes)
    assert shown.newest == "?"


def test_a_page_keeps_the_filters(shop):
    for _ in range(51):
        store_call(shop, status=404)
    response = sign_in(shop, "VIEWER").list(ApiCall, status="4")

    assert "status=4" in response.context["cl"].older
    assert response.context["cl"].older.replace("&", "&amp;") in text_of(response)


@pytest.mark.parametrize(
    "page", ["2", "x~y", "2026-03-10T12:00:00~log_1", "2026-03-10T12:00:00+00:00~"]
)
def test_a_page_that_is_none_is_the_first(shop, page):
    store_call(shop, request_id="one")

    assert found(sign_in(shop, "VIEWER"), p=page) == ["one"]


def test_the_list_costs_the_same_for_one_call_as_for_twenty(shop):
    person = sign_in(shop, "ADMIN")
    store_call(shop)
    for_one = statements_of(lambda: person.list(ApiCall))
    for _ in range(19):
        store_call(shop)

    assert statements_of(lambda: person.list(ApiCall)) == for_one


def test_the_list_reads_no_bodies_and_counts_no_rows(shop, django_assert_num_queries):
    store_call(shop, sent=b'{"a": 1}')
    person = sign_in(shop, "VIEWER")

    call = rows_of(person.list(ApiCall))[0]

    assert call.get_deferred_fields() == {"request_body", "response_body"}


def test_the_page_of_a_call_shows_what_was_asked_and_answered(shop):
    key = server_key(shop, name="Till").key
    store_call(
        shop,
        request_id=REQUEST,
        app_id=UUID(str(key.app_id)),
        sent=b'{"name": "<b>Cup</b>"}',
        answered=b'{"id": "prod_1"}',
        duration=1_250,
    )

    shown = text_of(sign_in(shop, "VIEWER").open(ApiCall.objects.get()))

    assert "&quot;name&quot;: &quot;&lt;b&gt;Cup&lt;/b&gt;&quot;" in shown
    assert "&quot;id&quot;: &quot;prod_1&quot;" in shown
    assert "1,250 ms" in shown
    assert "Till" in shown
    assert f"q={REQUEST}" in shown


def test_the_page_of_a_call_says_what_is_not_there(shop):
    store_call(shop, sent=b'{"a": "' + b"x" * 70_000 + b'"}')
    person = sign_in(shop, "VIEWER")
    call = ApiCall.objects.get()

    assert "Cut after 64 KB." in text_of(person.open(call))
    ApiCall.objects.update(request_body="", response_body="", erased_at=NOON)
    assert "when a person named in this call was erased" in text_of(person.open(call))


@pytest.mark.made_up_events
def test_an_event_leads_to_its_call(shop):
    emit(shop, [Event(type="customer.created", entity_id="cust_1")], now=NOON)
    DomainEvent.objects.update(group_id=REQUEST)

    shown = text_of(sign_in(shop, "VIEWER").open(DomainEvent.objects.get()))

    assert f'href="{address(ApiCall, "changelist")}?q={REQUEST}"' in shown


def test_background_work_leads_to_the_call_that_asked_for_it(shop):
    asked = AsyncAction.objects.create(
        project=shop, type="X", request_id=REQUEST, created_at=NOON
    )
    own = AsyncAction.objects.create(
        project=shop, type="X", request_id="w-1", created_at=NOON
    )
    person = sign_in(shop, "VIEWER")

    assert f'?q={REQUEST}"' in text_of(person.open(asked))
    assert "?q=w-1" not in text_of(person.open(own))


def test_a_redemption_leads_to_the_calls_of_its_day(shop):
    row = Redemption.objects.create(
        project=shop, object="redemption", result="SUCCESS", created_at=NOON
    )

    shown = text_of(sign_in(shop, "VIEWER").open(row))

    query = f"q={row.shown_id}&created_at_from=2026-03-10&created_at_to=2026-03-10"
    assert query.replace("&", "&amp;") in shown


def test_management_calls_are_for_who_runs_the_installation(shop):
    store_call(None, organisation_id=shop.organisation_id, request_id="managing")
    store_call(None, request_id="elsewhere")
    store_call(shop, request_id="project")
    admin = sign_in(shop, "ADMIN")
    runner = sign_in(shop, "ADMIN", email="runner@example.com")
    runner.user.is_superuser = True
    runner.user.save()
    managing = ApiCall.objects.get(request_id="managing")

    assert found(admin, surface="management") == ["project"]
    assert found(admin) == found(runner) == ["project"]
    assert found(runner, surface="management") == ["managing"]
    assert runner.open(managing).status_code == 200
    assert admin.open(managing).status_code == 302


def test_the_menu_leads_to_the_log(shop):
    person = sign_in(shop, "VIEWER")
    assign_role(user=person.user, project=shop, role="VIEWER")

    assert address(ApiCall, "changelist") in text_of(
        person.client.get(reverse("admin:index"))
    )
    assert page_of(ApiCall(id="log_" + "0" * 32)).endswith("/change/")
