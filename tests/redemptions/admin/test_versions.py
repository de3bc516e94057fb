"""Versions of campaigns: kept with each change, compared, and restored."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from campaigns.admin.campaign_uses import owner_and_version
from campaigns.models import Campaign, CampaignVersion
from campaigns.services.versions import FIRST, keep_first_versions
from campaigns.tasks import keep_versions
from promo.tenancy.models import Project
from tests.admin_site import (
    NOW,
    Person,
    make_project,
    messages_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db
TEN = {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}
TWENTY = {**TEN, "percent_off": 20}
COUPONS = {
    "name": "Spring",
    "campaign_type": "DISCOUNT_COUPONS",
    "type": "STATIC",
    "voucher": {"type": "DISCOUNT_VOUCHER", "discount": TEN},
}
CART = {"name": "Carts", "campaign_type": "PROMOTION"}


@pytest.fixture
def person(project: Project) -> Person:
    return sign_in(project, "USER")


def made(api: ApiClient, project: Project, body: dict[str, Any]) -> Campaign:
    answer = api.post("/v1/campaigns", body)
    assert answer.status_code == 200, answer.content
    return project.campaigns.get(pk=answer.json()["id"])


def page(person: Person, campaign: Campaign, **query: str) -> Any:
    address = reverse("campaign-versions", args=(campaign.pk,))
    return person.client.get(address, query)


def restore(person: Person, version: CampaignVersion, **values: str) -> Any:
    address = reverse("campaign-versions", args=(version.campaign_id,))
    return person.client.post(address, {"version": version.pk, **values})


def told(answer: Any) -> dict[str, tuple[str, str]]:
    return {one.name: (one.before, one.after) for one in answer.context["differences"]}


def test_each_request_that_changes_something_keeps_one_version(
    api: ApiClient, project: Project
) -> None:
    campaign = made(api, project, COUPONS)
    rule = ValidationRuleFactory(project=project)

    api.put(
        f"/v1/campaigns/{campaign.pk}", {"description": "A"}, X_Change_Reason="Typo"
    )
    api.put(f"/v1/campaigns/{campaign.pk}", {"description": "A"})
    api.post(f"/v1/campaigns/{campaign.pk}/disable", {})
    api.post(f"/v1/validation-rules/{rule.pk}/assignments", {"campaign": campaign.pk})
    api.put(f"/v1/validation-rules/{rule.pk}", {"name": "Renamed"})

    kept = list(campaign.versions.order_by("created_at", "id"))
    assert [one.snapshot["campaign"]["active"] for one in kept[:3]] == [
        True,
        True,
        False,
    ]
    assert [one.reason for one in kept] == ["", "Typo", "", "", ""]
    assert {one.author for one in kept} == {"Key Key without a name"}
    assert kept[4].snapshot["rules"][campaign.pk]["name"] == "Renamed"
    assert kept[3].snapshot["rules"][campaign.pk]["name"] == rule.name


def test_two_versions_are_compared_in_sentences(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, COUPONS)
    changed = {
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": TWENTY},
        "expiration_date": "2027-03-31T21:59:00Z",
        "validity_day_of_week": [1],
    }
    assert api.put(f"/v1/campaigns/{campaign.pk}", changed).status_code == 200

    answer = page(person, campaign)

    assert told(answer) == {
        "Gives": ("10 % off", "20 % off"),
        "Ends": ("No date", "31 Mar 2027, 21:59"),
        "Only on": ("Every day", "Monday"),
    }
    assert "Restore version 1" in text_of(answer)


def test_restoring_goes_through_the_services_and_makes_a_version(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, COUPONS | {"metadata": {"a": 1}})
    first = campaign.versions.get()
    change = {
        "description": "Other",
        "metadata": {"b": 2},
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": TWENTY},
    }
    api.put(f"/v1/campaigns/{campaign.pk}", change)
    api.post(f"/v1/campaigns/{campaign.pk}/disable", {})

    answer = restore(person, first, _reason="It sold worse")

    campaign.refresh_from_db()
    newest = campaign.versions.all()[0]
    assert answer.status_code == 302
    assert campaign.description == ""
    assert campaign.metadata == {"a": 1}
    assert campaign.voucher
    assert campaign.voucher["discount"] == TEN
    assert campaign.active
    assert campaign.versions.count() == 4
    assert newest.snapshot == first.snapshot
    assert (newest.author, newest.reason) == ("user@example.com", "It sold worse")


def test_tiers_and_their_rules_come_back(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, CART)
    rule = ValidationRuleFactory(project=project, name="Theirs")
    body = {"name": "Ten", "action": {"discount": TEN}, "validation_rules": [rule.pk]}
    path = f"/v1/promotions/{campaign.pk}/tiers"
    tier = api.post(path, body).json()
    kept = campaign.versions.all()[0]
    api.put(f"/v1/promotions/tiers/{tier['id']}", {"banner": "Hurry"})
    api.delete(f"/v1/promotions/tiers/{tier['id']}")
    api.post(path, {"name": "Twenty", "action": {"discount": TWENTY}})

    restore(person, kept)

    living = project.promotion_tiers.alive().get()
    held = project.validation_rule_assignments.of(living.pk).get()
    assert (living.name, living.banner) == ("Ten", "")
    assert living.action["discount"] == TEN
    assert held.rule_id == rule.pk


def test_a_rule_that_others_share_is_left_to_them(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, COUPONS)
    other = made(api, project, {**COUPONS, "name": "Other"})
    rule = ValidationRuleFactory(project=project, name="Before")
    for one in (campaign, other):
        AssignmentFactory(
            project=project,
            rule=rule,
            related_object_type="campaign",
            related_object_id=one.pk,
        )
    api.put(f"/v1/campaigns/{campaign.pk}", {"description": "Kept"})
    kept = campaign.versions.all()[0]
    api.put(f"/v1/validation-rules/{rule.pk}", {"name": "After"})

    restore(person, kept)

    rule.refresh_from_db()
    mine = project.validation_rule_assignments.of(campaign.pk).get().rule
    theirs = project.validation_rule_assignments.of(other.pk).get().rule
    assert (mine.name, theirs.name, rule.name) == ("Before", "After", "After")


def test_what_cannot_be_restored_is_told_and_changes_nothing(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, COUPONS)
    first = campaign.versions.get()
    api.put(f"/v1/campaigns/{campaign.pk}", {"description": "Kept"})
    Campaign.objects.filter(pk=campaign.pk).update(protected=True)

    answer = restore(person, first)

    campaign.refresh_from_db()
    assert "Nothing is restored." in messages_of(answer)[0]
    assert campaign.description == "Kept"
    assert campaign.versions.count() == 2


def test_a_viewer_reads_and_does_not_restore(api: ApiClient, project: Project) -> None:
    campaign = made(api, project, COUPONS)
    api.put(f"/v1/campaigns/{campaign.pk}", {"description": "Kept"})
    viewer = sign_in(project, "VIEWER")
    first = campaign.versions.order_by("created_at")[0]

    shown, refused = page(viewer, campaign), restore(viewer, first)

    assert "Restore version" not in text_of(shown)
    assert refused.status_code == 403
    assert campaign.versions.count() == 2


def test_another_projects_versions_do_not_exist(
    api: ApiClient, project: Project
) -> None:
    campaign = made(api, project, COUPONS)
    stranger = sign_in(make_project("Other"), "ADMIN")

    assert page(stranger, campaign).status_code == 404
    assert restore(stranger, campaign.versions.get()).status_code == 404
    address = reverse("campaign-versions", args=("nonsense",))
    assert stranger.client.get(address).status_code == 404


def test_a_campaign_older_than_versions_has_its_first_one_from_the_first_look(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, COUPONS)
    CampaignVersion.objects.all().delete()

    shown = page(person, campaign)
    page(person, campaign)
    api.put(f"/v1/campaigns/{campaign.pk}", {"description": "A"})

    [first] = shown.context["rows"]
    assert (first["author"], first["is_current"]) == ("System", True)
    assert first["reason"] == "How it stood when versions began to be kept"
    assert campaign.versions.count() == 2
    assert told(page(person, campaign))["Description"] == ("", "A")


def test_first_versions_are_kept_before_anybody_looks(
    api: ApiClient, project: Project
) -> None:
    old = [made(api, project, {**CART, "name": f"Old {n}"}) for n in range(3)]
    CampaignVersion.objects.all().delete()
    made(api, project, COUPONS)

    keep_versions()
    keep_versions()

    reasons = CampaignVersion.objects.filter(campaign__in=old)
    assert reasons.count() == 3
    assert set(reasons.values_list("reason", flat=True)) == {FIRST}
    assert CampaignVersion.objects.count() == 4


def test_first_versions_cost_the_same_for_one_as_for_many(
    api: ApiClient, project: Project
) -> None:
    def cost(count: int) -> int:
        CampaignVersion.objects.all().delete()
        ids = list(project.campaigns.values_list("pk", flat=True)[:count])
        with CaptureQueriesContext(connection) as caught:
            assert keep_first_versions(project, ids, now=NOW) == count
        return len(caught)

    for number in range(5):
        made(api, project, {**COUPONS, "name": f"Old {number}"})

    assert cost(5) == cost(1)


def versions_listed(person: Person) -> dict[str, str]:
    """Return the column of owner and version by the campaign's name."""
    rows = person.list(Campaign).context["cl"].result_list
    return {one.name: strip_tags(owner_and_version(one)) for one in rows}


def test_the_list_tells_who_made_a_campaign_and_its_version(
    api: ApiClient, project: Project, person: Person
) -> None:
    campaign = made(api, project, COUPONS)
    api.put(f"/v1/campaigns/{campaign.pk}", {"description": "A"})
    person.change(campaign, description="B", metadata="{}")
    CampaignFactory(project=project, name="Older than versions")
    number = campaign.versions.count()
    first = campaign.versions.earliest("created_at", "id")

    listed = versions_listed(person)

    assert number > 1
    assert listed["Older than versions"] == "-"
    assert listed["Spring"] == f"{first.author}Version {number}"
    assert first.author
    assert reverse("campaign-versions", args=(campaign.pk,)) in text_of(
        person.list(Campaign)
    )


def test_a_campaign_older_than_versions_has_no_owner(
    project: Project, person: Person
) -> None:
    old = CampaignFactory(project=project, name="Old")
    keep_first_versions(project, [old.pk], now=NOW)

    assert versions_listed(person) == {"Old": "-Version 1"}


def test_an_address_is_listed_without_its_host(
    project: Project, person: Person
) -> None:
    one = CampaignFactory(project=project, name="Spring")
    keep_first_versions(project, [one.pk], now=NOW)
    CampaignVersion.objects.update(author="anna@example.com")

    assert versions_listed(person) == {"Spring": "annaVersion 1"}
    assert 'title="anna@example.com"' in text_of(person.list(Campaign))


def test_the_list_costs_the_same_for_many_versions_as_for_one(
    project: Project, person: Person
) -> None:
    first = CampaignFactory(project=project)
    keep_first_versions(project, [first.pk], now=NOW)
    for_one = statements_of(lambda: person.list(Campaign))
    more = CampaignFactory.create_batch(12, project=project)

    keep_first_versions(project, [one.pk for one in more], now=NOW)

    assert statements_of(lambda: person.list(Campaign)) == for_one
    assert for_one <= 20
