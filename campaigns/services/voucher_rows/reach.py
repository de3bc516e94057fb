"""Which of many codes a restricted caller may change."""

from collections.abc import Iterable

from campaigns.models import Voucher
from campaigns.services.access import campaigns_to_change, out_of_reach
from promo.tenancy.models import Project

#: Ids of campaigns; None for a caller who reaches everything.
Reached = frozenset[str] | None


def reached_of(project: Project, vouchers: Iterable[Voucher]) -> Reached:
    """Return which campaigns of ``vouchers`` the caller may change.

    One statement, none for a caller without restriction.
    """
    return campaigns_to_change(
        project, {one.campaign_id for one in vouchers if one.campaign_id}
    )


def check_reached(voucher: Voucher, reached: Reached) -> None:
    """Refuse a code of a campaign that is not among ``reached``, or of none.

    Raises:
        Forbidden: as it says.
    """
    if reached is not None and voucher.campaign_id not in reached:
        raise out_of_reach(f"voucher with id {voucher.pk}")
