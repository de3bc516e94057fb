"""``/v1/exports``: asking, polling, downloading, deleting."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from promo.api.fields import NO_MOMENT
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Project
from redemptions.models import Export
from redemptions.models.export import KEPT
from redemptions.services.export import create_export
from redemptions.services.export_run import run_export
from tests.contract.resource import NOBODY, ResourceContract
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client
from tests.redemptions.exports.files import content

pytestmark = pytest.mark.django_db
KINDS = (
    *("voucher", "redemption", "customer", "publication", "order"),
    *("points_expiration", "voucher_transactions", "product", "sku"),
    "api_log",
)
ONE_OF = "Property .exported_object should be equal to one of the allowed values"
ORDER_OF = "Property .parameters.order must be equal to one of the allowed values"
NO_JUNCTION = (
    "Property .parameters.filters has wrong `junction` property. "
    "It must be one of: and, or"
)
ORDERS = "-created_at, created_at, -updated_at, updated_at, -code, code"


def asking(**parameters: Any) -> dict[str, Any]:
    """Return the change of a body that asks for this."""
    return {"parameters": parameters}


class TestExports(ResourceContract):
    path, resource_type = "/v1/exports", "export"
    id_prefix, list_key, object_name = "exp_", "exports", "export"
    verbs = frozenset({"create", "delete"})
    valid_body = {"exported_object": "voucher"}
    required = ("exported_object",)
    wrong = (
        ({"exported_object": "nonsense"}, f"{ONE_OF} [ {', '.join(KINDS)} ]"),
        ({"parameters": []}, "Property .parameters must be object"),
        (asking(fields="code"), "Property .parameters.fields must be array"),
        (asking(fields=[1]), "Property .parameters.fields[0] must be string"),
        (asking(order="name"), f"{ORDER_OF} [ {ORDERS} ]"),
        (
            asking(filters={"nonsense": {"conditions": {"$is": 1}}}),
            "Property .parameters.filters cannot be filtered by 'nonsense'",
        ),
        (asking(filters={"junction": "xor"}), NO_JUNCTION),
        (
            asking(filter={"created_at": {"conditions": {"$after": "x"}}}),
            f"Property .parameters.filters.created_at {NO_MOMENT}",
        ),
        (
            asking(filters={"active": {"conditions": {"$is": "x"}}}),
            "Property .parameters.filters.active must be boolean",
        ),
    )

    def make(self, project: Project, count: int) -> list[Any]:
        return [
            create_export(project=project, exported_object="voucher", now=NOW)
            for _ in range(count)
        ]


def finish(body: Mapping[str, Any]) -> Export:
    """Make the file that was asked for."""
    run_export(body["id"], now=NOW)
    return Export.objects.get(pk=body["id"])


def test_an_export_goes_from_scheduled_to_a_file(api: ApiClient) -> None:
    VoucherFactory(project=api.project, code="A")
    parameters = {
        "fields": ["code", "metadata.season"],
        "order": "-code",
        "filters": {"junction": "and", "code": {"conditions": {"$is": "A"}}},
    }

    asked = api.post(
        "/v1/exports", {"exported_object": "voucher", "parameters": parameters}
    )
    body = asked.json()
    finish(body)
    done = api.get(f"/v1/exports/{body['id']}").json()
    url = done.pop("result")["url"]
    downloaded = server_client(api.project).client.get(
        url.removeprefix("http://testserver")
    )

    assert asked.status_code == 200
    assert body == {
        "id": body["id"],
        "object": "export",
        "created_at": body["created_at"],
        "status": "SCHEDULED",
        "channel": "API",
        "exported_object": "voucher",
        "parameters": parameters,
        "result": None,
        "user_id": None,
    }
    assert {**done, "result": None} == {**body, "status": "DONE"}
    assert url.startswith(f"http://testserver/v1/exports/{body['id']}?token=")
    assert downloaded.status_code == 200
    assert downloaded.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert b"".join(downloaded.streaming_content) == b"Code,metadata.season\r\nA,\r\n"


ALLOWED = {
    "points_expiration": "id, campaign_id, voucher_id, status, expires_at, points",
    "redemption": (
        "id, object, date, voucher_code, campaign, promotion_tier_id, customer_id, "
        "customer_source_id, customer_name, tracking_id, order_id, order_amount, "
        "gift_amount, loyalty_points, result, failure_code, failure_message, metadata"
    ),
}


@pytest.mark.parametrize(("kind", "allowed"), ALLOWED.items())
@pytest.mark.parametrize("field", ["nonsense", "metadata.", "Metadata"])
def test_an_unknown_field_is_refused_naming_the_others(
    api: ApiClient, kind: str, allowed: str, field: str
) -> None:
    body = {"exported_object": kind, "parameters": {"fields": [field]}}

    response = api.post("/v1/exports", body)

    assert response.status_code == 400
    shown = response.json()
    assert (shown["key"], shown["message"]) == (
        "invalid_export_fields",
        "Invalid Export",
    )
    assert shown["details"] == f"Unsupported field used. Allowed fields: {allowed}"
    assert not Export.objects.exists()


def test_a_malformed_filter_is_refused_naming_the_operators(api: ApiClient) -> None:
    filters = {"created_at": {"conditions": {"$nonsense": 1}}}

    response = api.post("/v1/orders/export", {"parameters": {"filters": filters}})

    body = response.json()
    assert response.status_code == 400
    assert body["key"] == "invalid_payload"
    assert body["details"].startswith(
        "Property .parameters.filters should match either "
        "`filters[${field}][conditions][${condition}][${index}]` or "
    )
    assert not Export.objects.exists()


def test_older_names_and_places_of_parameters_are_taken(api: ApiClient) -> None:
    filters = {"status": {"conditions": {"$is": ["PAID"]}}}

    body = api.post(
        "/v1/orders/export", {"order": "status", "parameters": {"filter": filters}}
    ).json()

    assert body["exported_object"] == "order"
    assert body["parameters"] == {"order": "status", "filters": filters}


def test_what_clients_leave_out_as_null_says_nothing(api: ApiClient) -> None:
    filters = {
        "junction": None,
        "voucher_id": None,
        "campaign_id": {"conditions": {"$in": None, "$is": None}},
        "created_at": {"$after": ["2026-01-01"], "$before": None},
    }
    parameters = {"fields": None, "order": None, "filters": filters}

    body = api.post(
        "/v1/exports",
        {"exported_object": "voucher_transactions", "parameters": parameters},
    ).json()

    said = {"created_at": {"conditions": {"$after": ["2026-01-01"]}}}
    assert body["parameters"] == {"filters": said}


@pytest.mark.parametrize("filters", [{"code": {}}, {"code": 1}, {"code": {"x": 1}}])
def test_an_entry_without_conditions_is_refused(api: ApiClient, filters: Any) -> None:
    asked = {"exported_object": "voucher", "parameters": {"filters": filters}}

    response = api.post("/v1/exports", asked)

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"


def test_an_empty_order_and_no_fields_mean_the_defaults(api: ApiClient) -> None:
    body = {"exported_object": "order", "parameters": {"order": "", "fields": []}}

    export = finish(api.post("/v1/exports", body).json())

    assert content(export) == "ID,Source ID,Status\r\n"


def test_transactions_always_show_their_filters(api: ApiClient) -> None:
    body = api.post("/v1/exports", {"exported_object": "voucher_transactions"}).json()

    assert body["parameters"] == {"filters": {"junction": "and"}}


class TestDownloading:
    def get(self, api: ApiClient, export: Export, token: str, **headers: str) -> Any:
        # Without any key: the token suffices.
        path = f"/v1/exports/{export.pk}?token={token}"
        return api.client.get(
            path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    def fresh(self, api: ApiClient) -> Export:
        body = api.post("/v1/orders/export").json()
        return finish(body)

    def test_the_token_suffices(self, api: ApiClient) -> None:
        export = self.fresh(api)

        response = self.get(api, export, export.token)

        assert b"".join(response.streaming_content) == b"ID,Source ID,Status\r\n"
        assert response.headers["Cache-Control"] == "no-store"
        day = f"{export.created_at:%Y-%m-%d}"
        disposition = f'attachment; filename="order-{day}.csv"'
        assert response.headers["Content-Disposition"] == disposition

    def test_clients_that_read_plain_text_get_plain_text(self, api: ApiClient) -> None:
        export = self.fresh(api)

        response = self.get(api, export, export.token, Accept="text/plain")

        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert b"".join(response.streaming_content) == b"ID,Source ID,Status\r\n"

    @pytest.mark.parametrize("token", ["", "x", "ą", "0" * 43])
    def test_a_wrong_token_is_unauthorized(self, api: ApiClient, token: str) -> None:
        response = self.get(api, self.fresh(api), token)

        assert response.status_code == 401
        assert response.json()["key"] == "unauthorized"

    def test_the_token_of_another_export_is_unauthorized(self, api: ApiClient) -> None:
        first, second = self.fresh(api), self.fresh(api)

        assert self.get(api, first, second.token).status_code == 401

    def test_no_such_export_is_not_found(self, api: ApiClient) -> None:
        response = api.client.get(f"/v1/exports/exp_{NOBODY}?token=x")

        assert response.status_code == 404
        assert response.json()["resource_type"] == "export"

    def test_before_it_is_done_there_is_nothing_to_download(
        self, api: ApiClient
    ) -> None:
        body = api.post("/v1/orders/export").json()
        export = Export.objects.get(pk=body["id"])

        assert self.get(api, export, export.token).status_code == 404

    def test_after_ninety_days_the_token_stops_working(self, api: ApiClient) -> None:
        export = self.fresh(api)
        old = export.created_at - KEPT - timedelta(minutes=1)
        Export.objects.filter(pk=export.pk).update(created_at=old)

        shown = api.get(f"/v1/exports/{export.pk}").json()

        assert self.get(api, export, export.token).status_code == 404
        assert (shown["status"], shown["result"]) == ("DONE", None)

    def test_a_deleted_export_is_gone_with_its_file(self, api: ApiClient) -> None:
        export = self.fresh(api)

        deleted = api.delete(f"/v1/exports/{export.pk}")

        assert deleted.status_code == 204
        assert self.get(api, export, export.token).status_code == 404

    def test_a_file_that_is_lost_is_not_found(self, api: ApiClient) -> None:
        export = self.fresh(api)
        Export.objects.filter(pk=export.pk).update(file_name="exports/lost.csv")

        assert self.get(api, export, export.token).status_code == 404


def test_the_list_is_narrowed_by_status_and_ordered_by_it(api: ApiClient) -> None:
    first = api.post("/v1/orders/export").json()
    second = api.post("/v1/orders/export").json()
    finish(first)

    done = api.get("/v1/exports", {"status": "DONE"}).json()["exports"]
    by_status = api.get("/v1/exports", {"order": "-status"}).json()["exports"]

    assert [one["id"] for one in done] == [first["id"]]
    assert [one["id"] for one in by_status] == [second["id"], first["id"]]


@pytest.mark.parametrize(
    ("role", "status"),
    [("ADMIN", 200), ("USER", 200), ("VIEWER", 200), ("MERCHANT", 403)],
)
def test_exporting_takes_the_permission(
    project: Project, role: str, status: int
) -> None:
    api = server_client(project, role=role)

    answers = {
        api.post("/v1/exports", {"exported_object": kind}).status_code for kind in KINDS
    }
    shortcut = api.post("/v1/orders/export")

    assert answers == {status}
    assert shortcut.status_code == status
    assert Export.objects.exists() is (status == 200)


def test_who_may_not_read_customers_sees_no_files_of_customers(
    project: Project,
) -> None:
    made = {
        kind: create_export(project=project, exported_object=kind, now=NOW)
        for kind in ("customer", "order")
    }
    some = {"CLERK": frozenset({"exports.read", "exports.create", "orders.read"})}
    api = server_client(project, role="ADMIN")
    project.keys.update(role="CLERK")

    with patch("promo.tenancy.permissions.BY_KEY_ROLE", some):
        listed = api.get("/v1/exports").json()["exports"]
        hidden = api.get(f"/v1/exports/{made['customer'].pk}")
        refused = api.post("/v1/exports", {"exported_object": "customer"})

    assert [one["id"] for one in listed] == [made["order"].pk]
    assert hidden.status_code == 404
    assert refused.status_code == 403
    assert refused.json()["details"] == "The role CLERK lacks customers.details.read"


def test_a_viewer_does_not_delete(project: Project) -> None:
    export = create_export(project=project, exported_object="order", now=NOW)

    response = server_client(project, role="VIEWER").delete(f"/v1/exports/{export.pk}")

    assert response.status_code == 403
    assert response.json()["key"] == "missing_required_permission"
    assert Export.objects.alive().filter(pk=export.pk).exists()


def test_a_restricted_key_sees_its_own_exports_alone(project: Project) -> None:
    area = AreaFactory(project=project)
    campaign = CampaignFactory(project=project)
    put(campaign, Place(area.pk))
    VoucherFactory(campaign=campaign, code="MINE")
    VoucherFactory(project=project, code="OTHER")
    others = create_export(project=project, exported_object="order", now=NOW)
    api = restricted_client(project, Place(area.pk))
    fields = {"parameters": {"fields": ["code"]}}

    mine = finish(
        api.post("/v1/exports", {"exported_object": "voucher"} | fields).json()
    )

    listed = api.get("/v1/exports").json()["exports"]
    assert [one["id"] for one in listed] == [mine.pk]
    assert api.get(f"/v1/exports/{others.pk}").status_code == 404
    assert content(mine) == "Code\r\nMINE\r\n"


MOVED = {"amount": 5, "balance": 1005, "total": 1005}


class TestShortcuts:
    def test_of_a_voucher(self, api: ApiClient) -> None:
        card = GiftCardFactory(project=api.project, code="CARD")
        other = GiftCardFactory(project=api.project, code="OTHER")
        for one in (card, other):
            path = f"/v1/vouchers/{one.code}/balance"
            assert api.post(path, {"amount": 100}).status_code == 200

        body = api.post(
            "/v1/vouchers/CARD/transactions/export",
            {"parameters": {"fields": ["voucher_id"]}},
        ).json()

        assert body["exported_object"] == "voucher_transactions"
        assert body["parameters"] == {
            "fields": ["voucher_id"],
            "filters": {"voucher_id": {"conditions": {"$in": ["CARD"]}}},
        }
        assert content(finish(body)) == f"Voucher ID\r\n{card.pk}\r\n"

    def test_no_filter_reaches_beyond_the_address(self, api: ApiClient) -> None:
        card = GiftCardFactory(project=api.project, code="CARD")
        other = GiftCardFactory(project=api.project, code="OTHER")
        for one in (card, other):
            path = f"/v1/vouchers/{one.code}/balance"
            assert api.post(path, {"amount": 100}).status_code == 200
        beyond = {
            "junction": "or",
            "created_at": {"conditions": {"$after": "2020-01-01"}},
            "voucher_id": {"conditions": {"$in": [other.pk]}},
        }

        body = api.post(
            "/v1/vouchers/CARD/transactions/export",
            {"parameters": {"fields": ["voucher_id"], "filters": beyond}},
        ).json()

        own = {"voucher_id": {"conditions": {"$in": ["CARD"]}}}
        assert body["parameters"]["filters"] == beyond | own
        assert content(finish(body)) == f"Voucher ID\r\n{card.pk}\r\n"

    @pytest.mark.parametrize("prefix", ["campaigns", "loyalties"])
    def test_of_a_campaign(self, api: ApiClient, prefix: str) -> None:
        campaign = GiftCampaignFactory(project=api.project)
        card = GiftCardFactory(campaign=campaign, code="CARD")
        other = GiftCardFactory(project=api.project, code="OTHER")
        for one in (card, other):
            path = f"/v1/vouchers/{one.code}/balance"
            assert api.post(path, {"amount": 100}).status_code == 200

        body = api.post(f"/v1/{prefix}/{campaign.pk}/transactions/export").json()

        filters = {"campaign_id": {"conditions": {"$in": [campaign.pk]}}}
        assert body["parameters"] == {"filters": filters}
        assert finish(body).rows == 1

    @pytest.mark.parametrize("prefix", ["campaigns", "loyalties"])
    @pytest.mark.parametrize("factory", [CampaignFactory, PromotionFactory])
    def test_of_a_campaign_without_cards(
        self, api: ApiClient, prefix: str, factory: Any
    ) -> None:
        campaign = factory(project=api.project)

        response = api.post(f"/v1/{prefix}/{campaign.pk}/transactions/export")

        assert response.status_code == 403
        assert response.json()["key"] == "forbidden"
        assert response.json()["details"] == (
            "Transactions are allowed only for loyalty or gift campaigns"
        )
        assert not Export.objects.exists()

    def test_of_a_member(self, api: ApiClient) -> None:
        card = LoyaltyCardFactory(campaign__project=api.project, code="CARD")
        api.project.ledger_entries.create(
            voucher=card, type="POINTS_ACCRUAL", **MOVED, created_at=NOW
        )
        program = f"/v1/loyalties/{card.campaign_id}/members"
        paths = [
            "/v1/loyalties/members/CARD",
            f"{program}/CARD",
            f"{program}/{card.pk}",
        ]

        for path in paths:
            body = api.post(f"{path}/transactions/export").json()

            filters = {"voucher_id": {"conditions": {"$in": ["CARD"]}}}
            assert body["parameters"] == {"filters": filters}
            assert finish(body).rows == 1

    def test_of_a_member_of_another_programme(self, api: ApiClient) -> None:
        card = LoyaltyCardFactory(campaign__project=api.project)
        other = LoyaltyCardFactory(campaign__project=api.project)
        GiftCardFactory(project=api.project, code="GIFT")
        paths = {
            f"/v1/loyalties/{other.campaign_id}/members/{card.code}": card.code,
            "/v1/loyalties/members/GIFT": "GIFT",
            "/v1/loyalties/members/NOBODY": "NOBODY",
        }

        for path, named in paths.items():
            response = api.post(f"{path}/transactions/export")

            assert response.status_code == 404
            assert response.json()["resource_id"] == named
            assert response.json()["resource_type"] == "voucher"
        assert not Export.objects.exists()

    def test_of_expiring_points(self, api: ApiClient) -> None:
        card = LoyaltyCardFactory(campaign__project=api.project)
        wanted = {
            "fields": ["id", "points"],
            "order": "-expires_at",
            "filters": {"voucher_id": {"conditions": {"$in": [card.pk]}}},
        }

        path = f"/v1/loyalties/{card.campaign_id}/points-expiration/export"
        body = api.post(path, {"parameters": wanted}).json()

        assert body["exported_object"] == "points_expiration"
        filters = wanted["filters"] | {
            "campaign_id": {"conditions": {"$in": [card.campaign_id]}}
        }
        assert body["parameters"] == {**wanted, "filters": filters}
        assert content(finish(body)) == "ID,Points\r\n"

    def test_of_what_nobody_has(self, api: ApiClient) -> None:
        campaign = f"camp_{NOBODY}"
        for path in (
            f"/v1/campaigns/{campaign}/transactions",
            f"/v1/loyalties/{campaign}/transactions",
            f"/v1/loyalties/{campaign}/points-expiration",
        ):
            response = api.post(f"{path}/export")

            assert response.status_code == 404
            assert response.json()["resource_id"] == campaign
        assert not Export.objects.exists()
