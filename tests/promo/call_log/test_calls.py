"""What a call leaves in the log."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client, override_settings

from campaigns.models import Product
from promo.call_log.writer import Writer, writer
from promo.tenancy import credentials
from tests.admin_site import make_project, sign_in
from tests.factories.customers import CustomerFactory
from tests.fixtures.api import ApiClient, browser_client, management_client

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_a_call_is_logged_with_what_was_asked_and_answered(
    api, project, call_log, monkeypatch
):
    clock = iter([10.0, 10.25])
    monkeypatch.setattr(
        "promo.call_log.middleware.time.perf_counter", lambda: next(clock)
    )

    with time_machine.travel(NOON, tick=False):
        response = api.post(
            "/v1/products?debug=1", {"name": "Cup"}, X_Voucherify_Channel="Ruby-SDK"
        )

    (call,) = call_log.all()
    assert response.status_code == 200
    assert (call.project, call.organisation) == (project, project.organisation)
    assert (call.created_at, call.status) == (NOON, 200)
    assert call.request_id == response["X-Request-Id"]
    assert (call.channel, call.method) == ("Ruby-SDK", "POST")
    assert call.endpoint == "POST_v1_products"
    assert call.url == "/v1/products?debug=1"
    assert str(call.app_id) == api.headers["X-App-Id"]
    assert (call.client_app_id, call.user_email) == (None, "")
    assert call.request_duration == 250
    assert call.request_body == '{"name": "Cup"}'
    assert call.response_body == response.content.decode()
    assert call.erased_at is None


def test_an_endpoint_is_called_by_its_route_not_by_what_it_names(
    api, project, call_log
):
    CustomerFactory.create(project=project, source_id="a/b")

    api.get("/v1/customers/a%2Fb")

    call = call_log.last()
    assert call.endpoint == "GET_v1_customers_reference"
    assert call.url == "/v1/customers/a%2Fb"
    assert call.request_body == ""


def test_a_browsers_call_names_its_client_key(project, call_log):
    browser = browser_client(project)

    browser.post("/client/v1/qualifications", {})

    call = call_log.last()
    assert str(call.client_app_id) == browser.headers["X-Client-Application-Id"]
    assert (call.app_id, call.channel) == (None, "CLIENT_API")
    assert call.project == project


def test_a_management_call_is_the_organisations_alone(project, call_log):
    management = management_client(project)

    management.get(f"/management/v1/projects/{project.pk}/metadata-schemas")

    call = call_log.last()
    assert (call.project, call.organisation) == (None, project.organisation)
    assert str(call.app_id) == management.headers["X-Management-Id"]
    assert (call.channel, call.status) == ("MANAGEMENT_API", 200)


def test_a_refused_body_is_logged_with_the_answer(api, call_log):
    api.post("/v1/products", b'{"name": ')

    call = call_log.last()
    assert call.status == 400
    assert call.request_body == '{"name": '
    assert '"key":"invalid_payload"' in call.response_body


def test_a_wrong_token_is_logged_with_the_key_and_without_what_was_sent(api, call_log):
    api.headers["X-App-Token"] = "somebody-elses"

    api.post("/v1/products", {"name": "Cup"})

    call = call_log.last()
    assert (call.status, str(call.app_id)) == (401, api.headers["X-App-Id"])
    assert call.request_body == ""
    assert Product.objects.count() == 0


def test_a_call_to_nowhere_is_logged_with_the_key(api, call_log):
    api.get("/v1/nowhere")

    call = call_log.last()
    assert (call.status, call.endpoint, call.url) == (404, "GET", "/v1/nowhere")


@pytest.mark.parametrize("app_id", ["", "none", "6f1b7f0e-0000-4000-8000-000000000000"])
def test_a_call_with_no_key_of_ours_is_nobodys(project, call_log, app_id):
    caller = ApiClient(project, {"X-App-Id": app_id, "X-App-Token": "x"})

    assert caller.get("/v1/products").status_code == 401
    assert call_log.all() == []


def test_documents_health_and_metrics_are_not_logged(db, call_log):
    for path in ("/healthz", "/readyz", "/metrics", "/api/schema", "/"):
        Client().get(path)

    assert call_log.all() == []


def test_a_defect_of_ours_is_logged(api, call_log, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("boom")

    monkeypatch.setattr("campaigns.api.products.ProductResource.list", broken)

    assert api.get("/v1/products").status_code == 500
    call = call_log.last()
    assert (call.status, call.endpoint) == (500, "GET_v1_products")


def test_no_days_no_log(api, call_log):
    with override_settings(CALL_LOG_DAYS=0):
        assert api.get("/v1/products").status_code == 200

    assert call_log.all() == []


def test_what_a_person_changes_at_the_dashboard_is_logged(call_log):
    project = make_project()
    person = sign_in(project, "ADMIN")

    person.list(Product)
    person.add(Product, name="Cup", price="")

    (call,) = call_log.all()
    assert (call.user_email, call.project) == ("admin@example.com", project)
    assert (call.channel, call.method) == ("USER_PORTAL", "POST")
    assert call.endpoint == "POST_admin_campaigns_product_add"
    assert call.request_body == '{"name": "Cup", "price": ""}'
    assert call.response_body == ""
    assert call.request_id.startswith("v-")


def test_signing_in_is_not_logged(call_log):
    make_project()

    Client().post("/admin/login/", {"username": "a@example.com", "password": "pw"})

    assert call_log.all() == []


def test_a_full_queue_fails_no_request(api, call_log, monkeypatch):
    monkeypatch.setattr(writer, "_most_calls", 1)

    answers = [api.get("/v1/products").status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(call_log.all()) == 1


def test_a_database_that_fails_fails_no_request(api, call_log, monkeypatch):
    def down(_):
        raise OperationalError

    monkeypatch.setattr(writer, "_store", down)

    assert api.get("/v1/products").status_code == 200
    with pytest.raises(OperationalError):
        writer.flush()
    monkeypatch.undo()
    monkeypatch.setattr(Writer, "_start", lambda _: None)
    assert len(call_log.all()) == 1


def test_a_refused_call_is_not_made_worse_by_the_log(api, call_log, monkeypatch):
    credentials.forget()
    api.headers["X-App-Token"] = "somebody-elses"

    def down(*_):
        raise OperationalError

    monkeypatch.setattr(credentials, "named", down)

    assert api.get("/v1/products").status_code == 401
    assert call_log.all() == []


def test_nothing_that_a_caller_shows_lands_in_the_table(api, call_log):
    token = api.headers["X-App-Token"]

    api.post(f"/v1/products?t={token}", {"name": token, "metadata": {"api_key": "abc"}})
    api.post("/v1/products", {"name": "Cup"}, Authorization="Bearer another-secret")

    first, second = call_log.all()
    assert first.request_body == '{"name": "***", "metadata": {"api_key": "***"}}'
    assert first.url == "/v1/products?t=***"
    for call in (first, second):
        shown = " ".join(map(str, vars(call).values()))
        assert token not in shown
        assert "another-secret" not in shown


def test_lists_and_json_typed_into_a_form_are_logged_as_such(call_log):
    project = make_project()
    typed = {"metadata": '{"token": "abc", "a": 1}', "ids": "ada\r\neve", "name": "{x"}

    sign_in(project, "ADMIN").add(Product, **typed)

    assert json.loads(call_log.last().request_body) == {
        "metadata": {"token": "***", "a": 1},
        "ids": ["ada", "eve"],
        "name": "{x",
    }


def test_a_file_is_told_by_its_name_alone(call_log):
    project = make_project()
    person = sign_in(project, "ADMIN")
    file = SimpleUploadedFile("cups.csv", b"name\nCup\n")

    person.add(Product, name="", file=file)

    call = call_log.last()
    assert json.loads(call.request_body) == {"name": "", "file": "cups.csv"}
