from django.contrib import admin
from django.urls import path

from redemptions.admin.backtest import backtest_page
from redemptions.admin.budget import budget, budgets
from redemptions.admin.comparison import comparison
from redemptions.admin.first_steps import put_away
from redemptions.admin.report import report, report_file
from redemptions.admin.versions import versions

urlpatterns = [
    path(
        "first-steps/put-away/",
        admin.site.admin_view(put_away),
        name="put-first-steps-away",
    ),
    path("reports/", admin.site.admin_view(report), name="reports"),
    path(
        "reports/<str:table>.csv",
        admin.site.admin_view(report_file),
        name="report-file",
    ),
    path("budgets/", admin.site.admin_view(budgets), name="budgets"),
    path("budgets/<str:campaign_id>/", admin.site.admin_view(budget), name="budget"),
    path(
        "campaign-backtest/<str:campaign_id>/",
        admin.site.admin_view(backtest_page),
        name="campaign-backtest",
    ),
    path(
        "campaign-comparison/",
        admin.site.admin_view(comparison),
        name="campaign-comparison",
    ),
    path(
        "campaign-versions/<str:campaign_id>/",
        admin.site.admin_view(versions),
        name="campaign-versions",
    ),
]
