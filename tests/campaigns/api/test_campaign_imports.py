"""Codes of campaigns by files and arrays."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Category, Voucher
from campaigns.services.voucher_rows.work import CampaignCsv
from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.outbox.models import DomainEvent
from promo.tenancy.access_scope import Place
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCampaignFactory,
    LoyaltyProgramFactory,
    PromotionFactory,
    VoucherFactory,
    template,
)
from tests.factories.metadata import define
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.imports import CSV, OBJECTS, drift, into, reasons
from tests.fixtures.rows import failures, run, send_csv
from tests.outbox import events_of

pytestmark = pytest.mark.django_db


def test_codes_of_a_campaign_by_file(api, project):
    campaign = CampaignFactory(
        project=project,
        voucher=template(redemption={"quantity": 5}),
        metadata={"season": "Fall"},
        vouchers_count=1,
    )
    known = VoucherFactory(campaign=campaign, code="KNOWN")

    answer = send_csv(
        api,
        into(campaign),
        "Code,Active,Category,Region,Voucher Type,Discount Type,Value,Formula,"
        "Discount effect,Validation rule ID,Redemption Limit,Redeemed Quantity\n"
        "ONE,FALSE,New,Europe,GIFT_VOUCHER,AMOUNT,7,x,y,z,2,1\n"
        "TWO,,,,,,,,,,,\n"
        "KNOWN,FALSE,New,Asia,,,,,,,,\n",
    )
    action = run(answer)

    assert answer.status_code == 200
    assert action.type == "CAMPAIGN.VOUCHERS_IMPORT_CSV"
    assert action.result["failed"] == []
    one, two = (api.get(f"/v1/vouchers/{code}").json() for code in ("ONE", "TWO"))
    assert one["campaign_id"] == two["campaign_id"] == campaign.pk
    assert one["discount"] == campaign.voucher["discount"]
    assert (one["active"], two["active"]) == (False, True)
    assert (one["category"], two["category"]) == ("New", None)
    assert one["metadata"] == {"season": "Fall", "Region": "Europe"}
    assert two["metadata"] == {"season": "Fall"}
    assert (one["redemption"]["quantity"], two["redemption"]["quantity"]) == (2, 5)
    assert one["redemption"]["redeemed_quantity"] == 1
    known.refresh_from_db()
    assert (known.active, known.metadata) == (False, {})
    campaign.refresh_from_db()
    assert campaign.vouchers_count == 3
    assert events_of(project) == ["campaign.vouchers.added"]
    added = DomainEvent.objects.get().payload
    assert (added["count"], added["campaign"]["vouchers_count"]) == (2, 3)
    assert drift() == []


def test_cards_start_with_what_their_row_says(api, project):
    gifts = GiftCampaignFactory(project=project)
    points = LoyaltyProgramFactory(project=project)

    gift_rows = "Code,Active,Gift Amount,Redeemed Amount\nG1,FALSE,1000,0.5\nG2,,,\n"
    done = [
        run(send_csv(api, into(gifts), gift_rows)),
        run(send_csv(api, into(points), "Code,Loyalty Points\nL1,250\nL2,\n")),
        run(
            api.post(
                into(points, ""),
                [{"code": "L3", "loyalty_card": {"points": 7}}, {"code": "L4"}],
            )
        ),
        run(
            api.post(
                into(gifts, ""),
                [
                    {"code": "G3", "gift": {"amount": 9, "effect": "APPLY_TO_ITEMS"}},
                    {"code": "G4", "gift": {}},
                ],
            )
        ),
    ]

    assert [one.result["failed"] for one in done] == [[], [], [], []]
    balances = dict(project.vouchers.values_list("code", "balance"))
    assert balances == {
        "G1": 99_950,
        "G2": 5000,
        "G3": 9,
        "G4": 5000,
        "L1": 250,
        "L2": 100,
        "L3": 7,
        "L4": 100,
    }
    own = project.vouchers.get(code="G3")
    assert (own.gift_effect, own.own_fields) == ("APPLY_TO_ITEMS", ["gift_effect"])
    assert dict(project.campaigns.values_list("pk", "vouchers_count")) == {
        gifts.pk: 4,
        points.pk: 4,
    }
    assert drift() == []


def test_rows_of_another_kind_than_the_campaigns_are_refused(api, project):
    campaign = CampaignFactory(project=project, name="Spring")

    csv = run(send_csv(api, into(campaign), "Code,Gift Amount\nA,10\nB,\n"))
    objects = run(
        api.post(
            into(campaign, ""),
            [
                {"code": "C", "type": "LOYALTY_CARD"},
                {"code": "D", "discount": {"type": "AMOUNT", "amount_off": 1}},
            ],
        )
    )

    told = "Campaign Spring has vouchers of type DISCOUNT_VOUCHER"
    assert reasons(csv) == {"A": told}
    assert reasons(objects) == {"C": told}
    assert [one.code for one in campaign.vouchers.order_by("code")] == ["B", "D"]
    assert campaign.vouchers.get(code="D").discount == campaign.voucher["discount"]


def test_codes_of_an_expired_campaign_are_switched_off_unless_they_say(api, project):
    past = utc_now() - timedelta(days=1)
    campaign = CampaignFactory(project=project, expiration_date=past)

    run(send_csv(api, into(campaign), "Code,Active\nA,\nB,TRUE\nC,null\n"))

    assert dict(campaign.vouchers.values_list("code", "active")) == {
        "A": False,
        "B": True,
        "C": False,
    }


def test_a_code_that_is_elsewhere_stays_there(api, project):
    campaign = CampaignFactory(project=project)
    other = CampaignFactory(project=project, vouchers_count=1)
    VoucherFactory(campaign=other, code="OTHERS")
    VoucherFactory(project=project, code="LONE")
    gone = CampaignFactory(project=project, deleted_at=utc_now())
    VoucherFactory(campaign=gone, code="GONE")
    VoucherFactory(project=ProjectFactory(), code="FREE")

    content = "Code,Active\nOTHERS,FALSE\nLONE,FALSE\nGONE,FALSE\nFREE,FALSE\n"
    action = run(send_csv(api, into(campaign), content, webhooks_enable="true"))

    assert reasons(action) == {"GONE": "Duplicated voucher exists with id GONE"}
    assert sorted(project.vouchers.values_list("code", "campaign", "active")) == [
        ("FREE", campaign.pk, False),
        ("GONE", gone.pk, True),
        ("LONE", None, False),
        ("OTHERS", other.pk, False),
    ]
    told = DomainEvent.objects.filter(type="voucher.updated").order_by("pk")
    assert [
        each.payload["campaign"] and each.payload["campaign"]["id"] for each in told
    ] == [other.pk, None]
    counts = dict(project.campaigns.values_list("pk", "vouchers_count"))
    assert counts == {campaign.pk: 1, other.pk: 1, gone.pk: 0}


def test_what_is_free_is_filled_and_the_rest_is_refused(api, project, settings):
    settings.MAX_CODES_PER_CAMPAIGN = 5
    campaign = CampaignFactory(project=project, vouchers_count=1)
    VoucherFactory(campaign=campaign, code="KNOWN")
    api.post(f"/v1/campaigns/{campaign.pk}/vouchers?vouchers_count=2")

    content = "Code,Category\nA,\nB,\nC,Unused\nKNOWN,New\nD,\n"
    action = run(send_csv(api, into(campaign), content))

    full = "A campaign can have between 1 and 5 vouchers"
    assert failures(action) == [(3, full), (5, full)]
    campaign.refresh_from_db()
    assert campaign.vouchers_count == campaign.vouchers.count() == 3
    assert [one.name for one in Category.objects.all()] == ["New"]


@pytest.mark.parametrize("csv", [True, False])
def test_campaigns_that_take_no_codes_refuse_at_once(api, project, csv):
    generic = CampaignFactory(project=project, type="STANDALONE")
    busy = CampaignFactory(project=project, creation_status="MODIFYING")
    protected = CampaignFactory(project=project, protected=True)

    def send(campaign):
        if csv:
            return send_csv(api, into(campaign), "Code\nA\n").json()
        return api.post(into(campaign, ""), [{"code": "A"}]).json()

    kinds = {"STANDALONE": generic, "PROMOTION": PromotionFactory(project=project)}
    for kind, campaign in kinds.items():
        refused = send(campaign)
        details = f"You can not import vouchers to {kind} type campaign."
        assert (refused["key"], refused["details"]) == ("invalid_campaign", details)
    assert send(busy)["details"] == "campaign is being processed"
    assert send(protected)["key"] == "resource_protected"
    assert not project.async_actions.exists()
    assert not project.vouchers.exists()


def test_an_import_into_a_campaign_that_was_deleted_meanwhile_fails(api, project):
    campaign = CampaignFactory(project=project)
    answer = send_csv(api, into(campaign), "Code\nA\n")
    api.delete(f"/v1/campaigns/{campaign.pk}")

    action = run(answer)

    assert action.status == "FAILED"
    assert action.result["error"]["key"] == "not_found"
    assert not Voucher.objects.exists()


def test_what_came_in_before_its_campaign_was_deleted_is_all(api, project, monkeypatch):
    monkeypatch.setattr(CampaignCsv, "batch", 2)
    campaign = CampaignFactory(project=project)
    answer = send_csv(api, into(campaign), "Code\nA\nB\nC\nD\nE\n")
    run_step(answer.json()["async_action_id"], now=utc_now())
    api.delete(f"/v1/campaigns/{campaign.pk}")

    action = run(answer)

    gone = f"Cannot find campaign with id {campaign.pk}"
    assert reasons(action) == dict.fromkeys("CDE", gone)
    assert (action.status, action.result["done_count"]) == ("DONE", 2)
    assert sorted(campaign.vouchers.values_list("code", flat=True)) == ["A", "B"]


def test_metadata_follow_the_schema_of_vouchers(api, project):
    define(
        project,
        "voucher",
        size={"type": "number", "array": False},
        tags={"type": "string", "array": True},
        owner={"type": "string", "array": False, "optional": False},
    )
    campaign = CampaignFactory(project=project, metadata={"owner": "us"})

    action = run(
        send_csv(
            api,
            into(campaign),
            'Code,size,tags,owner\nA,3.5,"a, b",\nB,big,,\nC,,,me\n',
        )
    )

    assert failures(action) == [(2, "size: must be a number (actual value is 'big')")]
    assert dict(campaign.vouchers.values_list("code", "metadata")) == {
        "A": {"owner": "us", "size": 3.5, "tags": ["a", "b"]},
        "C": {"owner": "me"},
    }


def test_a_category_goes_by_its_name_or_its_id(api, project):
    known = CategoryFactory(project=project, name="Known", hierarchy=7)
    campaign = CampaignFactory(project=project)

    content = f"Code,Category\nA,{known.pk}\nB,Known\nC,Zoo\nD,Ant\nE,Zoo\n"
    run(send_csv(api, into(campaign), content))

    named = dict(campaign.vouchers.values_list("code", "category__name"))
    assert named == {"A": "Known", "B": "Known", "C": "Zoo", "D": "Ant", "E": "Zoo"}
    assert list(Category.objects.values_list("name", "hierarchy")) == [
        ("Known", 7),
        ("Zoo", 8),
        ("Ant", 9),
    ]


def test_dates_are_read_in_every_form(api, project):
    campaign = CampaignFactory(project=project)

    content = "Code,Start Date,Expiration Date\nA,2022-01-02,2022-01-03T04\n"
    content += "B,2022-01-02T03:04,2022-01-02T03:04:05.678Z\n"
    run(send_csv(api, into(campaign), content))

    one, two = campaign.vouchers.order_by("code")
    assert one.start_date == datetime(2022, 1, 2, tzinfo=UTC)
    assert one.expiration_date == datetime(2022, 1, 3, 4, tzinfo=UTC)
    assert one.own_fields == ["expiration_date", "start_date"]
    assert two.start_date == datetime(2022, 1, 2, 3, 4, tzinfo=UTC)
    assert two.expiration_date == datetime(2022, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def test_a_restricted_caller_imports_into_campaigns_of_his_own(project):
    area, other = AreaFactory.create_batch(2, project=project)
    mine = put(CampaignFactory(project=project), Place(area.pk))
    shared = put(CampaignFactory(project=project), Place(area.pk), Place(other.pk))
    caller = restricted_client(project, Place(area.pk))

    hidden = VoucherFactory(campaign=shared, code="HIDDEN")
    lone = VoucherFactory(project=project, code="LONE")

    def send(campaign):
        content = "Code,Active\nA,\nHIDDEN,FALSE\nLONE,FALSE\n"
        return send_csv(caller, into(campaign), content)

    refused = [
        send(shared),
        caller.post(into(shared, ""), [{"code": "A"}]),
        send_csv(caller, CSV, "Code\nA\n"),
        caller.post(OBJECTS, [{"code": "A"}]),
    ]
    action = run(send(mine))

    assert [each.status_code for each in refused] == [403] * 4
    assert [each.json()["key"] for each in refused] == ["forbidden"] * 4
    assert action.result["done_count"] == 1
    why = "Resource voucher with id {} is not accessible in given context"
    refused = {one.code: why.format(one.pk) for one in (hidden, lone)}
    assert reasons(action) == refused
    assert sorted(Voucher.objects.values_list("code", "campaign", "active")) == [
        ("A", mine.pk, True),
        ("HIDDEN", shared.pk, True),
        ("LONE", None, True),
    ]
