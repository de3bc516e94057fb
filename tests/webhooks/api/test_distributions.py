"""``/v1/distributions``: the contract, and what is its own."""

from typing import Any

import pytest

from campaigns.models import ValidationRuleAssignment
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.contract.resource import NOBODY, ResourceContract
from tests.factories.campaigns import CampaignFactory
from tests.factories.customers import SegmentFactory
from tests.factories.distributions import (
    HOOK,
    PAID,
    ada,
    draft,
    order_event,
    running,
    send,
    tell,
)
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import ApiClient, server_client
from webhooks.models import Distribution, DistributionMessage, Webhook

pytestmark = pytest.mark.django_db
PATH = "/v1/distributions"
BODY = {
    "name": "Thank you",
    "kind": "AUTOMATIC",
    "trigger": PAID,
    "action": {"type": "MESSAGE"},
    "channels": [HOOK],
}
TYPES = (
    "customer.custom_event, customer.order.canceled, customer.order.created, "
    "customer.order.paid, customer.order.updated, customer.publication.succeeded, "
    "customer.redemption.rollback.succeeded, customer.redemption.succeeded, "
    "customer.referred, customer.reward_redemptions.completed, "
    "customer.segment.entered, customer.segment.left, "
    "customer.voucher.gift.balance_added, customer.voucher.loyalty_card.points_added"
)


class TestDistributions(ResourceContract):
    path, resource_type = PATH, "distribution"
    id_prefix = "distr_"
    object_name = "distribution"
    valid_body = BODY
    update_body = {"name": "Thanks", "limits": {"max_total": 5}}
    required = ("name", "kind", "action", "channels")
    wrong = (
        ({"name": ""}, "Property .name must NOT have fewer than 1 characters"),
        (
            {"kind": "SOMETIMES"},
            (
                "Property .kind must be equal to one of the allowed values "
                "[ MANUAL, AUTOMATIC ]"
            ),
        ),
        (
            {"trigger": {"type": "customer.created"}},
            (
                "Property .trigger.type must be equal to one of the allowed values "
                f"[ {TYPES} ]"
            ),
        ),
        ({"channels": []}, "Property .channels must NOT have fewer than 1 items"),
        (
            {"channels": [{"type": "WEBHOOK", "content": {"target_url": "ftp://x"}}]},
            "Property .channels[0].content.target_url must be an http or https URL",
        ),
        (
            {"limits": {"per_day": 0}},
            "Property .limits.per_day must be >= 1 and <= 2147483647",
        ),
    )

    def make(self, project: Project, count: int) -> list[Distribution]:
        return [draft(project) for _ in range(count)]


def test_a_new_distribution_is_a_draft_that_shows_all_its_parts(api: ApiClient) -> None:
    made = api.post(PATH, BODY).json()

    assert made["status"] == "DRAFT"
    assert made["trigger"] == PAID
    assert made["audience"] is None
    assert made["channels"] == [HOOK]
    assert made["delay"] == {"type": "NONE"}
    assert made["stats"] == {
        "waiting": 0,
        "sending": 0,
        "sent": 0,
        "skipped": 0,
        "failed": 0,
        "canceled": 0,
        "reasons": {},
        "channels": {},
    }


def test_its_webhook_is_not_among_those_that_people_configure(
    api: ApiClient, project: Project
) -> None:
    api.post(PATH, BODY)

    hidden = Webhook.objects.get()
    assert hidden.distribution is not None
    assert list(project.webhooks.configured()) == []


def test_it_is_activated_paused_and_resumed(api: ApiClient) -> None:
    made = api.post(PATH, BODY).json()
    one = f"{PATH}/{made['id']}"

    statuses = [
        api.post(f"{one}/{command}", {}).json()["status"]
        for command in ("activate", "pause", "resume")
    ]

    assert statuses == ["ACTIVE", "PAUSED", "ACTIVE"]


def test_what_it_is_not_in_a_state_for_is_refused(api: ApiClient) -> None:
    made = api.post(PATH, BODY).json()

    refused = api.post(f"{PATH}/{made['id']}/pause", {})

    assert refused.status_code == 400
    assert refused.json()["key"] == "invalid_distribution_status"
    assert refused.json()["details"] == "A distribution that is DRAFT cannot be paused"
    assert api.get(f"{PATH}/{made['id']}").json()["status"] == "DRAFT"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"action": {"type": "PUBLISH_CODES", "campaign_id": "camp_1"}}, "campaign"),
        (
            {"action": {"type": "NOTIFY_PROMOTION", "promotion_tier_id": "promo_1"}},
            "promotion_tier",
        ),
        (
            {"trigger": {"type": "customer.segment.left", "segment_id": "seg_1"}},
            "segment",
        ),
        ({"conditions": {"segment_id": "seg_1"}}, "segment"),
        ({"cancel_if": {"entered_segment_id": "seg_1"}}, "segment"),
        ({"conditions": {"validation_rule_id": "val_1"}}, "validation_rules"),
        ({"channels": [{**HOOK, "consent_id": "cnst_1"}]}, "consent"),
    ],
)
def test_what_it_names_has_to_be_there(
    api: ApiClient, change: dict[str, Any], kind: str
) -> None:
    refused = api.post(PATH, {**BODY, **change})

    assert refused.status_code == 404
    assert refused.json()["resource_type"] == kind
    assert Distribution.objects.count() == 0


def test_what_belongs_to_another_project_is_not_there(
    api: ApiClient, other_project: Project
) -> None:
    theirs = CampaignFactory.create(project=other_project)

    refused = api.post(
        PATH,
        {**BODY, "action": {"type": "PUBLISH_CODES", "campaign_id": theirs.pk}},
    )

    assert refused.status_code == 404
    assert refused.json()["resource_id"] == theirs.pk


def test_a_segment_in_use_is_not_deleted(api: ApiClient, project: Project) -> None:
    segment = SegmentFactory.create(project=project)
    made = draft(
        project, trigger={"type": "customer.segment.left", "segment_id": segment.pk}
    )

    refused = api.delete(f"/v1/segments/{segment.pk}")

    assert refused.status_code == 400
    assert refused.json()["key"] == "resource_in_use"
    assert refused.json()["related_object_ids"] == [made.pk]
    assert refused.json()["related_object_type"] == "distribution"


def test_a_passive_segment_becomes_active_once_it_is_used(
    api: ApiClient, project: Project
) -> None:
    segment = SegmentFactory.create(project=project)
    made = draft(
        project, trigger={"type": "customer.segment.left", "segment_id": segment.pk}
    )
    before = api.get(f"/v1/segments/{segment.pk}").json()["type"]

    api.post(f"{PATH}/{made.pk}/activate", {})

    assert before == "passive"
    assert api.get(f"/v1/segments/{segment.pk}").json()["type"] == "auto-update"
    assert DomainEvent.objects.filter(type="segment.activated").count() == 1


def test_its_messages_are_listed_and_narrowed(api: ApiClient, project: Project) -> None:
    distribution = running(project)
    customer = ada(project)
    tell(project, order_event(customer), order_event(ada(project), order_id="ord_2"))
    send()

    listed = api.get(f"{PATH}/{distribution.pk}/messages").json()
    narrowed = api.get(
        f"{PATH}/{distribution.pk}/messages", {"customer": customer.pk}
    ).json()

    assert listed["total"] == 2
    [mine] = narrowed["data"]
    assert (mine["channel"], mine["state"]) == ("WEBHOOK", "SENDING")
    assert mine["event"]["type"] == "customer.order.paid"
    assert mine["sent"]["body"]["data"]["order"]["id"] == "ord_1"


def test_listing_messages_costs_the_same_for_one_as_for_twenty(
    api: ApiClient, project: Project, django_assert_num_queries: Any
) -> None:
    distribution = running(project)
    path = f"{PATH}/{distribution.pk}/messages"
    tell(project, order_event(ada(project)))
    api.get(path)

    with django_assert_num_queries(3):
        api.get(path, {"limit": "100"})
    tell(project, *(order_event(ada(project), order_id=f"o{n}") for n in range(20)))
    with django_assert_num_queries(3):
        listed = api.get(path, {"limit": "100"})

    assert listed.json()["total"] == 21


def test_messages_of_another_projects_distribution_are_not_there(
    api: ApiClient, other_project: Project
) -> None:
    theirs = draft(other_project)

    assert api.get(f"{PATH}/{theirs.pk}/messages").status_code == 404
    body = {"customer": ada(other_project).pk}
    assert api.post(f"{PATH}/{theirs.pk}/preview", body).status_code == 404


def test_a_preview_says_what_would_be_sent_and_writes_nothing(
    api: ApiClient, project: Project
) -> None:
    campaign = CampaignFactory.create(project=project)
    distribution = draft(
        project, action={"type": "PUBLISH_CODES", "campaign_id": campaign.pk}
    )
    customer = ada(project)

    shown = api.post(
        f"{PATH}/{distribution.pk}/preview", {"customer": customer.source_id}
    ).json()

    [message] = shown["messages"]
    data = message["message"]["body"]["data"]
    assert shown["customer_id"] == customer.pk
    assert shown["event_id"] is None
    assert (message["channel"], message["reason"]) == ("WEBHOOK", None)
    assert data["customer"]["email"] == "ada@example.com"
    assert data["voucher"]["code"] == "PREVIEW-CODE"
    assert data["campaign"]["id"] == campaign.pk
    assert DistributionMessage.objects.count() == 0
    assert project.publications.count() == 0


def test_a_preview_takes_the_customers_latest_event(
    api: ApiClient, project: Project
) -> None:
    distribution = draft(project)
    customer = ada(project)
    [event_id] = tell(project, order_event(customer, order_id="ord_7"))

    shown = api.post(f"{PATH}/{distribution.pk}/preview", {"customer": customer.pk})

    body = shown.json()["messages"][0]["message"]["body"]
    assert shown.json()["event_id"] == event_id
    assert body["data"]["order"]["id"] == "ord_7"


def test_a_preview_of_nobody_is_refused(api: ApiClient, project: Project) -> None:
    distribution = draft(project)

    refused = api.post(
        f"{PATH}/{distribution.pk}/preview", {"customer": f"cust_{NOBODY}"}
    )

    assert refused.status_code == 404
    assert refused.json()["resource_type"] == "customer"


def test_who_may_only_read_changes_nothing(project: Project) -> None:
    reader = server_client(project, role="VIEWER")
    made = draft(project)

    assert reader.get(PATH).status_code == 200
    assert reader.post(PATH, BODY).status_code == 403
    assert reader.post(f"{PATH}/{made.pk}/activate", {}).status_code == 403
    assert reader.delete(f"{PATH}/{made.pk}").status_code == 403


def test_deleting_takes_its_messages_along(api: ApiClient, project: Project) -> None:
    distribution = running(project)
    tell(project, order_event(ada(project)))
    send()

    assert api.delete(f"{PATH}/{distribution.pk}").status_code == 204

    assert DistributionMessage.objects.count() == 0
    assert Webhook.objects.count() == 0


def emailing(text: str) -> dict[str, Any]:
    content = {"subject": "Thank you", "text": text}
    return {"channels": [{"type": "EMAIL", "content": content}]}


@pytest.mark.parametrize(
    "channels",
    [
        emailing("{{ordr.amount}}"),
        {"channels": [HOOK | {"content": HOOK["content"] | {"payload": "{{ordr}}"}}]},
    ],
)
def test_a_placeholder_for_what_is_never_told_is_refused(
    api: ApiClient, channels: dict[str, Any]
) -> None:
    made = api.post(PATH, BODY).json()

    responses = [
        api.post(PATH, BODY | channels),
        api.put(f"{PATH}/{made['id']}", channels),
    ]

    for response in responses:
        assert response.status_code == 400, response.content
        assert response.json()["details"].endswith(
            " must begin placeholders with one of customer, order, "
            + ("preferences, " if "EMAIL" in str(channels) else "")
            + "project, "
            + ("qr, " if "EMAIL" in str(channels) else "")
            + "redemption, referrer, found ordr: was order meant?"
        )
    assert Distribution.objects.get().channels == [HOOK]


def test_what_the_action_offers_is_told(api: ApiClient, project: Project) -> None:
    action = {
        "type": "PUBLISH_CODES",
        "campaign_id": CampaignFactory.create(project=project).pk,
    }

    response = api.post(
        PATH,
        BODY
        | {"action": action}
        | emailing("{{voucher.code}} {{campaign.name}} {{project.name}}"),
    )

    assert response.status_code == 200, response.content


def test_a_trigger_that_does_not_tell_what_is_said_already_is_refused(
    api: ApiClient,
) -> None:
    made = api.post(PATH, BODY | emailing("{{order.amount as money}}")).json()
    trigger = {"type": "customer.referred"}

    response = api.put(f"{PATH}/{made['id']}", {"trigger": trigger})

    assert response.status_code == 400
    assert response.json()["details"] == (
        "Property .channels[0].content.languages.en.text must begin placeholders with "
        "one of campaign, custom_event, customer, preferences, project, qr, "
        "redemption, referrer, voucher, found order"
    )
    assert Distribution.objects.get().trigger == PAID


def test_a_rule_is_put_on_a_distribution_and_told(
    api: ApiClient, project: Project
) -> None:
    rule = ValidationRuleFactory.create(project=project)
    distribution = draft(project)
    body = {"related_object_type": "distribution", "related_object_id": distribution.pk}

    response = api.post(f"/v1/validation-rules/{rule.pk}/assignments", body)

    shown = response.json()
    assert response.status_code == 200, response.content
    assert (shown["rule_id"], shown["related_object_id"]) == (rule.pk, distribution.pk)
    assert shown["related_object_type"] == "distribution"
    event = DomainEvent.objects.get()
    assert event.type == "business_validation_rule.assignment.created"
    assert event.payload["distribution"]["id"] == distribution.pk
    assert event.payload["voucher"] is None


def test_a_rule_is_taken_off_a_distribution(api: ApiClient, project: Project) -> None:
    rule = ValidationRuleFactory.create(project=project)
    body = {
        "related_object_type": "distribution",
        "related_object_id": draft(project).pk,
    }
    path = f"/v1/validation-rules/{rule.pk}/assignments"
    made = api.post(path, body).json()

    response = api.delete(f"{path}/{made['id']}")

    assert response.status_code == 204
    assert not ValidationRuleAssignment.objects.exists()


@pytest.mark.parametrize("whose", ["nobody's", "another project's"])
def test_a_rule_is_put_on_no_distribution_that_the_project_has_not(
    api: ApiClient, project: Project, whose: str
) -> None:
    rule = ValidationRuleFactory.create(project=project)
    other = "distr_1" if whose == "nobody's" else draft(ProjectFactory.create()).pk
    body = {"related_object_type": "distribution", "related_object_id": other}

    response = api.post(f"/v1/validation-rules/{rule.pk}/assignments", body)

    assert response.status_code == 404
    assert response.json()["details"] == f"Cannot find distribution with id {other}"
    assert not ValidationRuleAssignment.objects.exists()
    assert not DomainEvent.objects.exists()
