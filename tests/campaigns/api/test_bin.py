"""``/v1/trash-bin``: listed, erased and restored over the API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import BinEntry
from campaigns.services.campaign import delete_campaign
from campaigns.services.product import delete_product
from campaigns.services.sku import delete_sku
from campaigns.services.voucher import delete_voucher
from promo.jobs.actions import run_step
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Project
from promo.tenancy.permissions import BY_KEY_ROLE
from promo.tenancy.services.people import create_person
from tests.contract.resource import NOBODY
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client

pytestmark = pytest.mark.django_db
PATH = "/v1/trash-bin"


def binned(thing: Any) -> BinEntry:
    """Delete a thing; return its entry."""
    deletions = {
        "Campaign": delete_campaign,
        "Product": delete_product,
        "Sku": delete_sku,
        "Voucher": delete_voucher,
    }
    deletions[type(thing).__name__](thing, now=NOW)
    found: BinEntry = thing.project.bin_entries.get(resource_id=thing.pk)
    return found


def codes_in_bin(project: Project, count: int) -> list[BinEntry]:
    return [binned(VoucherFactory(project=project)) for _ in range(count)]


def one_of_each(project: Project) -> dict[str, Any]:
    """Delete a thing of each kind; return the things."""
    things = {
        "campaign": CampaignFactory(project=project, name="Spring"),
        "voucher": VoucherFactory(campaign=CampaignFactory(project=project)),
        "product": ProductFactory(project=project),
        "sku": SkuFactory(product=ProductFactory(project=project)),
    }
    for thing in things.values():
        binned(thing)
    return things


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


# The list


def test_an_entry_is_shown_as_what_was_deleted(api: ApiClient) -> None:
    voucher = VoucherFactory(campaign=CampaignFactory(project=api.project), code="OLD")
    entry = binned(voucher)

    body = api.get(PATH).json()

    assert body == {
        "object": "list",
        "data_ref": "data",
        "data": [
            {
                "id": entry.pk,
                "created_at": "2026-03-10T12:00:00.000Z",
                "deleted_by_user_id": None,
                "resource_id": voucher.pk,
                "resource_type": "voucher",
                "resource_name": "OLD",
                "resource_parent_id": voucher.campaign_id,
                "object": "voucher",
            }
        ],
        "total": 1,
        "has_more": False,
    }
    assert entry.pk.startswith("tbe_")


def test_who_deleted_at_the_dashboard_is_named(api: ApiClient) -> None:
    (entry,) = codes_in_bin(api.project, 1)
    entry.deleted_by = create_person(email="ada@example.com", password=None)
    entry.save()

    (shown,) = api.get(PATH).json()["data"]

    assert shown["deleted_by_user_id"] == entry.deleted_by.pk


def test_the_bin_is_read_from_cursor_to_cursor_and_total_is_this_answers(
    api: ApiClient,
) -> None:
    made = [entry.pk for entry in codes_in_bin(api.project, 5)]

    first = api.get(PATH, {"limit": "2"})
    cursor = first.json()["more_starting_after"]
    second = api.get(PATH, {"limit": "100", "starting_after_id": cursor})

    assert ids(first) == made[:2:-1]
    assert cursor == made[3]
    assert (first.json()["total"], first.json()["has_more"]) == (2, True)
    assert ids(second) == made[2::-1]
    assert (second.json()["total"], second.json()["has_more"]) == (3, False)
    assert "more_starting_after" not in second.json()
    assert ids(api.get(PATH, {"order": "id"})) == made
    assert ids(api.get(PATH, {"order": "-id"})) == made[::-1]
    onwards = api.get(PATH, {"order": "id", "starting_after_id": made[3]})
    assert ids(onwards) == made[4:]


@pytest.mark.parametrize(
    "query",
    [
        {"order": "created_at"},
        {"limit": "0"},
        {"limit": "101"},
        {"filters[nonsense][conditions][$is]": "1"},
        {"filters[resource_type][conditions][$more_than]": "1"},
    ],
)
def test_a_query_that_cannot_be_read_is_refused(
    api: ApiClient, query: dict[str, str]
) -> None:
    answer = api.get(PATH, query)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_query_params"


@pytest.mark.parametrize("cursor", [f"tbe_{NOBODY}", "nonsense"])
def test_an_unknown_cursor_is_not_found(api: ApiClient, cursor: str) -> None:
    answer = api.get(PATH, {"starting_after_id": cursor})

    assert answer.status_code == 404
    assert answer.json()["resource_id"] == cursor


def test_the_bin_is_filtered(api: ApiClient) -> None:
    things = one_of_each(api.project)

    def kinds(name: str, operator: str, *values: str) -> set[str]:
        query = {
            f"filters[{name}][conditions][{operator}][{at}]": value
            for at, value in enumerate(values)
        }
        return {row["object"] for row in api.get(PATH, query).json()["data"]}

    assert kinds("resource_type", "$in", "sku", "product") == {"sku", "product"}
    assert kinds("resource_type", "$is_not", "sku") == {
        *("campaign", "product", "voucher")
    }
    assert kinds("resource_name", "$is", "Spring") == {"campaign"}
    assert kinds("resource_name", "$contains", "CODE") == {"voucher"}
    assert kinds("resource_id", "$is", things["sku"].pk) == {"sku"}
    assert kinds("resource_id", "$starts_with", "prod_") == {"product"}
    entry = api.project.bin_entries.get(resource_type="campaign")
    assert kinds("id", "$is", entry.pk) == {"campaign"}
    assert kinds("id", "$is", "nonsense") == set()


def test_the_bin_costs_the_same_for_one_entry_as_for_twenty(api: ApiClient) -> None:
    costs = set()
    for count in (1, 1, 19):
        codes_in_bin(api.project, count)
        api.get(PATH, {"limit": "100"})
        with CaptureQueriesContext(connection) as statements:
            api.get(PATH, {"limit": "100"})
        costs.add(len(statements))

    assert costs == {1}


# Erasing and restoring


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("campaign", "/v1/campaigns"),
        ("voucher", "/v1/vouchers"),
        ("product", "/v1/products"),
        ("sku", "/v1/skus"),
    ],
)
def test_what_is_restored_is_there_again(api: ApiClient, kind: str, path: str) -> None:
    thing = one_of_each(api.project)[kind]
    entry = api.project.bin_entries.get(resource_id=thing.pk)
    assert api.get(f"{path}/{thing.pk}").status_code == 404

    answer = api.post(f"{PATH}/{entry.pk}/restore")

    action = api.project.async_actions.filter(type="CAMPAIGN.VOUCHERS_RESTORE").first()
    assert answer.status_code == (202 if kind == "campaign" else 200)
    assert answer.json() == {
        "id": thing.pk,
        "async_action_id": action and action.pk,
        "object": kind,
    }
    assert api.get(f"{path}/{thing.pk}").status_code == 200
    assert entry.pk not in ids(api.get(PATH))


def test_the_work_of_a_restore_can_be_followed(api: ApiClient) -> None:
    campaign = CampaignFactory(project=api.project, vouchers_count=1)
    VoucherFactory(campaign=campaign)
    entry = binned(campaign)
    for action in api.project.async_actions.all():
        while run_step(action.pk, now=NOW):
            pass
    action_id = api.post(f"{PATH}/{entry.pk}/restore").json()["async_action_id"]
    while run_step(action_id, now=NOW):
        pass

    shown = api.get(f"/v1/async-actions/{action_id}").json()

    assert shown["type"] == "CAMPAIGN.VOUCHERS_RESTORE"
    assert (shown["status"], shown["operation_status"]) == ("DONE", "SUCCESS")
    assert shown["result"] == {"message": "Restored 1 vouchers.", "done_count": 1}


@pytest.mark.parametrize("kind", ["campaign", "voucher", "product", "sku"])
def test_what_is_erased_leaves_the_bin_for_good(api: ApiClient, kind: str) -> None:
    thing = one_of_each(api.project)[kind]
    entry = api.project.bin_entries.get(resource_id=thing.pk)

    answer = api.delete(f"{PATH}/{entry.pk}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert entry.pk not in ids(api.get(PATH))
    assert api.delete(f"{PATH}/{entry.pk}").status_code == 404
    assert api.post(f"{PATH}/{entry.pk}/restore").status_code == 404


@pytest.mark.parametrize("reference", [f"tbe_{NOBODY}", "nonsense"])
@pytest.mark.parametrize("verb", ["erase", "restore"])
def test_an_unknown_entry_is_not_found(
    api: ApiClient, reference: str, verb: str
) -> None:
    path = f"{PATH}/{reference}"

    answer = api.delete(path) if verb == "erase" else api.post(f"{path}/restore")

    assert answer.status_code == 404
    assert answer.json()["key"] == "not_found"
    assert answer.json()["resource_type"] == "bin_entry"
    assert answer.json()["resource_id"] == reference


# Who may


def holding(
    project: Project, monkeypatch: pytest.MonkeyPatch, *codes: str
) -> ApiClient:
    """Return a caller whose role holds nothing but ``codes``."""
    roles = {**BY_KEY_ROLE, "USER": frozenset(codes)}
    monkeypatch.setattr("promo.tenancy.permissions.BY_KEY_ROLE", roles)
    return server_client(project, role="USER")


@pytest.mark.parametrize("kind", ["campaign", "voucher", "product", "sku"])
def test_who_may_only_read_moves_nothing(project: Project, kind: str) -> None:
    one_of_each(project)
    entry = project.bin_entries.get(resource_type=kind)
    viewer = server_client(project, role="VIEWER")

    answers = [
        viewer.delete(f"{PATH}/{entry.pk}"),
        viewer.post(f"{PATH}/{entry.pk}/restore"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    keys = {answer.json()["key"] for answer in answers}
    assert keys == {"missing_required_permission"}
    assert project.bin_entries.count() == 4
    assert len(ids(viewer.get(PATH))) == 4


@pytest.mark.parametrize("kind", ["campaign", "voucher", "product", "sku"])
@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("campaigns.delete", {"campaign"}),
        ("vouchers.delete", {"voucher"}),
        ("products.delete", {"product", "sku"}),
    ],
)
@pytest.mark.parametrize("verb", ["erase", "restore"])
def test_each_kind_is_moved_by_who_may_delete_it(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    *,
    kind: str,
    code: str,
    allowed: set[str],
    verb: str,
) -> None:
    one_of_each(project)
    entry = project.bin_entries.get(resource_type=kind)
    caller = holding(project, monkeypatch, code)
    path = f"{PATH}/{entry.pk}"

    answer = caller.delete(path) if verb == "erase" else caller.post(f"{path}/restore")

    assert (answer.status_code == 403) == (kind not in allowed)
    assert project.bin_entries.filter(pk=entry.pk).exists() == (kind not in allowed)
    if kind not in allowed:
        assert answer.json()["key"] == "missing_required_permission"


@pytest.mark.parametrize(
    "missing", ["campaigns.read", "products.read", "vouchers.read"]
)
def test_who_lists_the_bin_may_read_whatever_lies_in_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    reads = {"campaigns.read", "products.read", "vouchers.read"}
    caller = holding(project, monkeypatch, *(reads - {missing}))

    answer = caller.get(PATH)

    assert answer.status_code == 403
    assert answer.json()["key"] == "missing_required_permission"
    assert answer.json()["details"] == f"The role USER lacks {missing}"
    assert holding(project, monkeypatch, *reads).get(PATH).status_code == 200


def test_a_restricted_caller_moves_what_was_his_own(project: Project) -> None:
    area, other = AreaFactory.create_batch(2, project=project)
    caller = restricted_client(project, Place(area.pk))
    mine = put(CampaignFactory(project=project), Place(area.pk))
    shared = put(CampaignFactory(project=project), Place(area.pk), Place(other.pk))
    theirs = put(CampaignFactory(project=project), Place(other.pk))
    code, foreign = VoucherFactory(campaign=mine), VoucherFactory(campaign=theirs)
    alone = VoucherFactory(project=project)
    sku = SkuFactory(product=ProductFactory(project=project))
    entries = {
        thing.pk: binned(thing)
        for thing in (code, foreign, alone, sku, mine, shared, theirs)
    }

    def move(thing: Any, verb: str) -> Any:
        path = f"{PATH}/{entries[thing.pk].pk}"
        if verb == "erase":
            return caller.delete(path)
        return caller.post(f"{path}/restore")

    seen = set(ids(caller.get(PATH)))
    assert seen == {entries[one.pk].pk for one in (code, sku, mine, shared)}
    for thing in (foreign, alone, shared, theirs):
        for verb in ("erase", "restore"):
            answer = move(thing, verb)
            assert (answer.status_code, answer.json()["key"]) == (403, "forbidden")
    assert project.bin_entries.count() == 7
    assert move(mine, "restore").status_code == 202
    assert move(code, "restore").status_code == 200
    assert move(sku, "erase").status_code == 204
