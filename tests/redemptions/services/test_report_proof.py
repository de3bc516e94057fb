"""The figures of reports equal the rows, whatever happens and in whatever order."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from customers.services.erasure import erase_customer
from promo.outbox.events import Event, emit
from redemptions.demo.load import Size, load_shop
from redemptions.models import ReportOrder, ReportState, ReportSum, ReportTally
from redemptions.services.report import Days, Scope, Step, report_of
from redemptions.services.report_proof import outdated_projects, rebuild_reports
from redemptions.tasks import build_reports
from tests.admin_site import make_project
from tests.redemptions.services.report_shop import (
    START,
    Shop,
    drifts,
    relay,
    relay_all,
    stocked,
)

pytestmark = pytest.mark.django_db


def kept():
    """Return all figures that are not nothing, comparable."""
    found = [
        row
        for model in (ReportSum, ReportTally, ReportOrder)
        for row in model.objects.values_list(*names_of(model))
    ]
    return {row for row in found if any(type(cell) is int and cell for cell in row)}


def names_of(model):
    names = (field.attname for field in model._meta.fields if not field.primary_key)
    return [name for name in names if name != "products"]


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_the_rows_after_every_batch_of_any_size(seed):
    shop = Shop(stocked(make_project(timezone="Europe/Paris")), seed)

    for _ in range(45):
        shop.step()
        if shop.dice.random() < 0.4:
            relay(shop.dice.choice([1, 2, 7, 500]))
            assert drifts() == []
    relay_all()

    assert drifts() == []
    assert ReportSum.objects.filter(redemptions__gt=0).exists()
    assert ReportSum.objects.filter(rolled_back__gt=0).exists()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("step", [Step.DAY, Step.WEEK, Step.MONTH])
def test_different_people_are_counted_once_in_any_days(seed, step):
    shop = Shop(stocked(make_project(timezone="Europe/Paris")), seed)
    for _ in range(60):
        shop.now += timedelta(hours=shop.dice.randrange(20))
        shop.step()
        if shop.dice.random() < 0.3:
            relay(shop.dice.choice([1, 7, 500]))
    relay_all()
    scope, visits = Scope(shop.project), visits_of(shop.project)

    for _ in range(12):
        first = START.date() + timedelta(days=shop.dice.randrange(30))
        days = Days(first, first + timedelta(days=shop.dice.randrange(20)))
        report = report_of(scope, days, step)

        assert report.totals.customers == people(visits, days.first, days.last)
        before = days.before
        assert report.before.customers == people(visits, before.first, before.last)
        for row in report.rows:
            since = max(days.first, row.at.astimezone(shop.project.zone).date())
            end = row.until.astimezone(shop.project.zone).date() - timedelta(days=1)
            expected = people(visits, since, min(end, days.last))
            assert row.totals.customers == expected


def visits_of(project):
    """Return who has something that stands on which day, of the whole project."""
    found = ReportTally.objects.filter(
        kind="s", scope=Scope(project).key, count__gt=0
    ).values_list("day", "name")
    visits = set(found)
    assert len(visits) > len({name for _, name in visits}) > 1
    return visits


def people(visits, first, last):
    return len({name for day, name in visits if first <= day <= last})


def test_building_anew_while_events_wait_counts_nothing_twice():
    shop = Shop(stocked(make_project(timezone="Asia/Kathmandu")), 3)
    for number in range(40):
        shop.step()
        if number == 20:
            relay_all()

    rebuild_reports(shop.project, now=START)

    assert drifts() == []
    assert relay()
    relay_all()
    assert drifts() == []
    found = kept()
    rebuild_reports(shop.project, now=START)
    assert kept() == found


def test_a_project_without_figures_gets_them_and_one_in_another_zone_too():
    project = stocked(make_project(timezone="Europe/Paris"))
    shop = Shop(project, 1)
    for _ in range(20):
        shop.step()
    relay_all()
    assert outdated_projects() == [project]
    build_reports()
    assert outdated_projects() == []
    in_paris = kept()

    project.timezone = "Asia/Kathmandu"
    project.save()
    build_reports()

    assert ReportState.objects.get().timezone == "Asia/Kathmandu"
    assert kept() != in_paris
    assert drifts() == []


def test_figures_stay_right_when_a_customer_is_forgotten():
    project = stocked(make_project())
    shop = Shop(project, 2)
    for _ in range(30):
        shop.step()
    relay_all()
    someone = Customer.objects.order_by("pk")[0]
    assert ReportTally.objects.filter(kind="s").exists()
    revenue = sum(ReportSum.objects.values_list("revenue", flat=True))

    erase_customer(project, someone.pk, now=START)
    relay_all()

    names = ReportTally.objects.filter(kind="s").values_list("name", flat=True)
    assert someone.pk.removeprefix("cust_") not in [
        name.replace("-", "") for name in names
    ]
    assert sum(ReportSum.objects.values_list("revenue", flat=True)) == revenue
    assert drifts() == []


@pytest.mark.parametrize("model", [ReportSum, ReportTally, ReportOrder])
def test_a_figure_that_drifted_is_named_and_fails(model, capsys):
    shop = Shop(stocked(make_project()), 1)
    for _ in range(10):
        shop.step()
    relay_all()
    row = model.objects.order_by("pk")[0]
    changed = {"revenue": 7} if model is not ReportTally else {"count": 77}
    model.objects.filter(pk=row.pk).update(**changed)

    with pytest.raises(CommandError, match="are not what their rows come to"):
        call_command("verify_reports")
    assert "kept 7" in capsys.readouterr().out
    call_command("verify_reports", rebuild=True)

    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in shown] == ["ok"] * 4


def test_a_shop_with_a_history_is_proved(capsys):
    load_shop(Size.scaled(0.02), now=START)
    relay_all()

    call_command("verify_reports")
    build_reports()
    call_command("verify_reports")

    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in shown] == ["ok"] * 8
    assert ReportSum.objects.filter(revenue__gt=0).exists()


@pytest.mark.made_up_events
def test_an_event_that_names_no_row_counts_nothing():
    project = make_project()
    for name in ("redemption.succeeded", "order.returned"):
        emit(project, [Event(type=name, payload={})], now=START)

    assert relay() == 2

    assert kept() == set()
