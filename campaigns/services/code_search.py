"""Finding codes among millions, the same for a list, a count and long work.

A search is plain JSON, so that work that runs later finds what its page has shown.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import F, Q

from campaigns.models.voucher import VOUCHER_PREFIX, VoucherQuerySet, code_key
from campaigns.services.states import voucher_state
from promo.ids import parse_or_none
from promo.sql_constants import Constant
from promo.tenancy.models import Project

#: Uses of a code by name: what a list can be asked for.
UNUSED, USED, USED_UP = "Never used", "Used", "Used up"
USES: Mapping[str, Q] = {
    UNUSED: Q(redeemed_quantity=0),
    USED: Q(redeemed_quantity__gt=0),
    USED_UP: Q(redeemed_quantity__gte=F("redemption_quantity")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSearch:
    """What codes are asked for; what is empty does not matter, all else must hold.

    ``start`` is the start of the code, or an id. ``state`` is a word of ``states``,
    ``uses`` one of ``USES``. ``campaign``, ``category`` and ``holder`` are ids.
    ``created_from`` and ``created_before`` are moments as ISO 8601. ``ids`` are codes
    chosen one by one.
    """

    start: str = ""
    state: str = ""
    uses: str = ""
    kind: str = ""
    campaign: str = ""
    category: str = ""
    holder: str = ""
    created_from: str = ""
    created_before: str = ""
    ids: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the search that ``as_json`` has written."""
        return cls(**{**stored, "ids": tuple(stored.get("ids", ()))})

    def as_json(self) -> dict[str, Any]:
        """Return what is asked for, without what does not matter."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows it: all codes of the project."""
        return not self.as_json()

    def rows(self, project: Project, now: datetime) -> VoucherQuerySet:
        """Return the living codes of ``project`` that are meant, as of ``now``."""
        rows = project.vouchers.alive_in(project).filter(self._plain(project))
        if self.state:
            rows = rows.annotate(state=voucher_state(now)).filter(state=self.state)
        return rows

    def _plain(self, project: Project) -> Q:
        wanted = {
            # Written out for the index that has cards alone.
            "type": Constant(self.kind) if self.kind else "",
            "campaign": self.campaign,
            "category": self.category,
            "holder": self.holder,
            "created_at__gte": self.created_from,
            "created_at__lt": self.created_before,
        }
        found = Q(**{name: value for name, value in wanted.items() if value})
        if self.uses:
            found &= USES[self.uses]
        if self.ids:
            found &= Q(pk__in=self.ids)
        return found & starts_with(project, self.start)


def starts_with(project: Project, term: str) -> Q:
    """Return the condition that a code starts with ``term``, or has it as its id."""
    term = term.strip()
    if not term:
        return Q()
    if parse_or_none(VOUCHER_PREFIX, term):
        return Q(pk=term)
    return Q(code_key__startswith=code_key(project, term))


def count_up_to(rows: VoucherQuerySet, most: int) -> int:
    """Return how many ``rows`` there are, at most ``most``: no table is counted."""
    return len(rows.order_by().values_list("pk")[:most])
