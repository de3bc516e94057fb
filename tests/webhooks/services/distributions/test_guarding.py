"""Rules that are put on distributions: what they keep back, and when they go."""

from typing import Any

import pytest

from campaigns.models import ValidationRule, ValidationRuleAssignment
from campaigns.services.rule_assignments import (
    assign_rule,
    delete_assignment,
    reassign_rule,
)
from promo.errors import Duplicate, ResourceNotFound
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.distributions import (
    POSTCARD,
    Postcards,
    ada,
    draft,
    order_event,
    running,
    send,
    states,
    tell,
)
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW
from webhooks.models import Distribution
from webhooks.services.distributions.lifecycle import delete_distribution
from webhooks.services.distributions.previewing import preview

pytestmark = pytest.mark.django_db


def over(project: Project, amount: int) -> ValidationRule:
    made: ValidationRule = ValidationRuleFactory.create(
        project=project,
        rules={
            "1": {"name": "order.amount", "conditions": {"$more_than": [amount]}},
            "logic": "1",
        },
    )
    return made


def put_on(distribution: Distribution, rule: ValidationRule) -> Any:
    return assign_rule(
        project=distribution.project, rule_id=rule.pk, guarded=distribution, now=NOW
    )


def test_a_message_goes_out_only_where_the_rule_on_the_distribution_holds(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD])
    customer = ada(project)
    put_on(distribution, over(project, 1000))

    tell(
        project, order_event(customer, amount=1000), order_event(customer, amount=1001)
    )
    send()

    assert states(distribution) == [
        ("POSTCARD", "SKIPPED", "rule_not_met"),
        ("POSTCARD", "SENT", ""),
    ]
    assert len(cards.written) == 1


def test_it_has_to_hold_beside_the_rule_that_the_distribution_names(
    project: Project, cards: type[Postcards]
) -> None:
    named = {"validation_rule_id": over(project, 500).pk}
    distribution = running(project, channels=[POSTCARD], conditions=named)
    customer = ada(project)
    put_on(distribution, over(project, 1000))

    for amount in (400, 700, 1200):
        tell(project, order_event(customer, amount=amount))
    send()

    assert states(distribution) == [
        ("POSTCARD", "SKIPPED", "rule_not_met"),
        ("POSTCARD", "SKIPPED", "rule_not_met"),
        ("POSTCARD", "SENT", ""),
    ]


def test_a_rule_of_one_distribution_keeps_no_other_back(
    project: Project, cards: type[Postcards]
) -> None:
    guarded, free = (running(project, channels=[POSTCARD]) for _ in range(2))
    put_on(guarded, over(project, 1000))

    tell(project, order_event(ada(project), amount=10))
    send()

    assert states(guarded) == [("POSTCARD", "SKIPPED", "rule_not_met")]
    assert states(free) == [("POSTCARD", "SENT", "")]


def test_a_rule_that_was_taken_off_keeps_nothing_back(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD])
    delete_assignment(put_on(distribution, over(project, 1000)), now=NOW)

    tell(project, order_event(ada(project), amount=10))
    send()

    assert states(distribution) == [("POSTCARD", "SENT", "")]
    told = DomainEvent.objects.filter(type__endswith="assignment.deleted").get()
    assert told.payload["distribution"] == {
        "id": distribution.pk,
        "name": distribution.name,
        "object": "distribution",
    }


def test_a_preview_asks_the_rule_too(project: Project, cards: type[Postcards]) -> None:
    distribution = running(project, channels=[POSTCARD])
    customer = ada(project)
    tell(project, order_event(customer, amount=10))
    put_on(distribution, over(project, 1000))

    shown = preview(distribution, customer.pk, now=NOW)

    assert [each.reason for each in shown.messages] == ["rule_not_met"]
    assert cards.written == []


def test_sending_asks_the_same_whatever_the_number_of_rules(
    project: Project, cards: type[Postcards], django_assert_max_num_queries: Any
) -> None:
    customer = ada(project)
    for amount in range(12):
        put_on(running(project, channels=[POSTCARD]), over(project, amount))
    tell(project, order_event(customer, amount=1000))

    with django_assert_max_num_queries(30):
        send()

    assert len(cards.written) == 12


def test_a_distribution_that_is_deleted_takes_its_rule_along(project: Project) -> None:
    gone, staying = draft(project), draft(project)
    rule = over(project, 1000)
    for each in (gone, staying):
        put_on(each, rule)

    delete_distribution(gone, now=NOW)

    held = ValidationRuleAssignment.objects.get()
    assert held.related_object_id == staying.pk
    assert not DomainEvent.objects.filter(type__endswith="assignment.deleted").exists()


def test_nothing_is_put_on_a_distribution_that_is_gone(project: Project) -> None:
    distribution = draft(project)
    rule = over(project, 1000)
    Distribution.objects.filter(pk=distribution.pk).delete()

    with pytest.raises(ResourceNotFound):
        put_on(distribution, rule)

    assert not ValidationRuleAssignment.objects.exists()
    assert not DomainEvent.objects.exists()


def test_a_second_rule_takes_the_place_of_the_first_only_where_that_is_asked(
    project: Project,
) -> None:
    distribution = draft(project)
    first, second = over(project, 1), over(project, 2)
    held = put_on(distribution, first)

    with pytest.raises(Duplicate):
        put_on(distribution, second)
    assert ValidationRuleAssignment.objects.get() == held

    reassign_rule(project=project, rule_id=second.pk, guarded=distribution, now=NOW)
    assert ValidationRuleAssignment.objects.get().rule_id == second.pk
