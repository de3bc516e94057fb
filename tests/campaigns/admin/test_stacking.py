"""The stacking rules of a project at the dashboard."""

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from campaigns.models import StackingRules
from campaigns.services.stacking_rules import create_stacking_rules
from tests.admin_site import (
    NOW,
    address,
    errors_of,
    make_project,
    messages_of,
    page_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CategoryFactory

pytestmark = pytest.mark.django_db

_AS_IT_IS = {
    "redeemables_limit": "30",
    "applicable_redeemables_limit": "5",
    "applicable_exclusive_redeemables_limit": "1",
    "redeemables_sorting_rule": "REQUESTED_ORDER",
    "grouped_redeemables_sorting_rule": "JOINT_ALWAYS_LAST",
    "redeemables_application_mode": "ALL",
    "redeemables_no_effect_rule": "REDEEM_ANYWAY",
    "discount_calculation_mode": "DISCOUNTED_AMOUNT",
    "redeemables_products_application_mode": "STACK",
    "redeemables_rollback_order_mode": "WITH_ORDER",
}


def rules_of(project):
    return StackingRules.objects.get(pk=project.pk)


def test_the_menu_leads_to_the_rules_of_the_project():
    project = make_project()
    person = sign_in(project, "ADMIN")

    response = person.list(StackingRules)

    assert response.url == page_of(rules_of(project))
    page = text_of(person.open(rules_of(project)))
    assert "Offers that may apply to one order" in page
    assert "Of single categories" not in page


def test_what_is_changed_is_kept_and_the_rest_stays_the_default():
    project = make_project()
    first, second = CategoryFactory.create_batch(2, project=project)
    person = sign_in(project, "ADMIN")

    response = person.change(
        rules_of(project),
        **_AS_IT_IS
        | {
            "applicable_redeemables_limit": "3",
            "redeemables_application_mode": "PARTIAL",
            "exclusive_categories": [first.pk],
            f"limit_of_{second.pk}": "2",
        },
    )

    rules = rules_of(project)
    assert response.status_code == 302
    assert rules.stacking_rules_id.startswith("stk_")
    assert rules.stacking_rules == {
        "applicable_redeemables_limit": 3,
        "redeemables_application_mode": "PARTIAL",
        "exclusive_categories": [first.pk],
        "applicable_redeemables_category_limits": {second.pk: 2},
    }
    shown = person.open(rules).context["summary"]
    assert [(one.name, one.value) for one in shown] == [
        ("Offers on one order", "up to 3"),
        ("When one cannot be used", "The others apply"),
        ("Standing alone", first.name),
    ]


def test_an_emptied_number_and_list_are_defaults_again():
    project = make_project()
    category = CategoryFactory(project=project)
    create_stacking_rules(
        project=project,
        now=NOW,
        applicable_redeemables_limit=3,
        joint_categories=[category.pk],
        applicable_redeemables_category_limits={category.pk: 2},
        grouped_redeemables_sorting_rule="SORTING_RULE",
    )

    sign_in(project, "ADMIN").change(
        rules_of(project), **_AS_IT_IS | {"applicable_redeemables_limit": ""}
    )

    assert rules_of(project).stacking_rules == {}


def test_what_the_service_refuses_shows_beside_its_field():
    project = make_project()
    category = CategoryFactory(project=project)

    response = sign_in(project, "ADMIN").change(
        rules_of(project),
        **_AS_IT_IS
        | {"exclusive_categories": [category.pk], "joint_categories": [category.pk]},
    )

    assert list(errors_of(response)) == ["exclusive_categories"]
    assert rules_of(project).stacking_rules == {}


def test_the_defaults_are_restored_on_demand():
    project = make_project()
    create_stacking_rules(project=project, now=NOW, redeemables_limit=20)
    person = sign_in(project, "ADMIN")

    response = person.run(rules_of(project), "restore_defaults")

    assert messages_of(response) == ["The defaults hold again."]
    assert rules_of(project).stacking_rules == {}
    assert not rules_of(project).stacking_rules_id
    assert "Restore the defaults" not in text_of(person.open(rules_of(project)))


def test_the_page_costs_the_same_for_one_category_as_for_twenty():
    project = make_project()
    person = sign_in(project, "ADMIN")
    CategoryFactory(project=project)
    for_one = statements_of(lambda: person.open(rules_of(project)))

    CategoryFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.open(rules_of(project))) == for_one


@pytest.mark.parametrize("role", ["USER", "VIEWER"])
def test_who_does_not_administer_the_project_neither_sees_nor_changes_them(role):
    project = make_project()
    person = sign_in(project, role)

    assert person.list(StackingRules).status_code == 403
    assert person.open(rules_of(project)).status_code == 403
    assert person.change(rules_of(project), **_AS_IT_IS).status_code == 403
    assert not rules_of(project).stacking_rules_id


def test_nobody_sees_them_without_sign_in():
    project = make_project()

    response = Client().get(
        address(StackingRules, "change", quote(project.pk)),
    )

    assert response.status_code == 302
    assert "login" in response.url


def test_the_rules_of_another_project_do_not_exist():
    person = sign_in(make_project(), "ADMIN")
    theirs = rules_of(make_project("Other"))

    response = person.change(theirs, **_AS_IT_IS | {"redeemables_limit": "20"})

    assert response.status_code == 302
    assert rules_of(theirs).stacking_rules == {}


def test_the_page_says_what_the_rules_do_and_what_goes_together():
    project = make_project()
    rules = rules_of(project)
    CategoryFactory(project=project, name="Sale")

    page = text_of(sign_in(project, "ADMIN").open(rules))

    assert "Offers apply in the order in which the checkout names them." in page
    assert '<th scope="row">Sale</th>' in page
    assert '<th scope="row">No category</th>' in page


def test_without_categories_the_page_leads_to_them():
    project = make_project()

    page = text_of(sign_in(project, "ADMIN").open(rules_of(project)))

    assert "No category yet." in page
    assert "No category</th>" not in page
