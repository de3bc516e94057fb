"""Why a redeemable cannot be used: the API's keys, messages and details.

Source: engine specification, "Errors".
"""

from dataclasses import dataclass
from enum import StrEnum

from redemptions.engine.facts import Redeemable

HTTP_FORBIDDEN = 403
HTTP_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Refusal:
    """An inapplicable redeemable's error.

    ``error_message`` is the text the marketer wrote for the customer.
    ``resource_id`` and ``resource_type`` are set for ``not_found`` alone.
    """

    key: str
    message: str
    details: str | None = None
    code: int = 400
    resource_id: str | None = None
    resource_type: str | None = None
    error_message: str | None = None

    @property
    def text(self) -> str:
        """What to show: the marketer's own words, else the general message."""
        return self.error_message or self.message


class Skip(StrEnum):
    """Why a redeemable was left out without being wrong."""

    PRECEDING_VALIDATION_FAILED = "preceding_validation_failed"
    EXCLUSION_RULES_NOT_MET = "exclusion_rules_not_met"
    EXCLUSIVE_LIMIT = "applicable_exclusive_redeemables_limit_exceeded"
    EXCLUSIVE_CATEGORY_LIMIT = (
        "applicable_exclusive_redeemables_per_category_limit_exceeded"
    )
    CATEGORY_LIMIT = "applicable_redeemables_per_category_limit_exceeded"
    LIMIT = "applicable_redeemables_limit_exceeded"
    NO_EFFECT = "no_effect"

    @property
    def message(self) -> str:
        """The API's sentence for this reason."""
        return _SKIP_MESSAGES[self]


_SKIP_MESSAGES = {
    Skip.PRECEDING_VALIDATION_FAILED: (
        "Redeemable cannot be applied due to preceding validation failure"
    ),
    Skip.EXCLUSION_RULES_NOT_MET: (
        "Redeemable cannot be applied due to exclusion rules"
    ),
    Skip.EXCLUSIVE_LIMIT: "Applicable exclusive redeemables limit exceeded",
    Skip.EXCLUSIVE_CATEGORY_LIMIT: (
        "Applicable exclusive redeemables limit per category exceeded"
    ),
    Skip.CATEGORY_LIMIT: "Applicable redeemables limit per category exceeded",
    Skip.LIMIT: "Applicable redeemables limit exceeded",
    Skip.NO_EFFECT: "Redeemable cannot be applied due to no effect",
}

# message by key of the refusals whose details are the code or tier id
_MESSAGES = {
    "voucher_disabled": "voucher is disabled",
    "voucher_not_active": "voucher not active yet",
    "voucher_expired": "voucher expired",
    "voucher_not_active_now": "voucher not active now",
    "promotion_not_active_now": "promotion not active now",
    "quantity_exceeded": "quantity exceeded",
    "gift_amount_exceeded": "gift amount exceeded",
    "loyalty_card_points_exceeded": "loyalty card points exceeded",
}


def not_found(redeemable: Redeemable) -> Refusal:
    """Nothing of this kind has the id that was sent."""
    return missing(redeemable.object, redeemable.ref)


def out_of_reach(redeemable: Redeemable) -> Refusal:
    """The caller is restricted to other areas and stores."""
    campaign = redeemable.campaign
    named = f"{redeemable.object} with id {redeemable.code or redeemable.id}"
    if campaign is not None:
        named = f"campaign with id {campaign.id}"
    details = f"Resource {named} is not accessible in given context"
    return Refusal("forbidden", "Forbidden", details, code=HTTP_FORBIDDEN)


def nothing_given(unit_type: str) -> Refusal:
    """The catalogue has nothing under the ``unit_type`` of a UNIT discount."""
    kind = _KINDS.get(unit_type.partition("_")[0], "product")
    return missing(kind, unit_type)


def missing(kind: str, ref: str) -> Refusal:
    """Something of this kind that the request or an offer names does not exist."""
    return Refusal(
        key="not_found",
        message="Resource not found",
        details=f"Cannot find {kind} with id {ref}",
        code=HTTP_NOT_FOUND,
        resource_id=ref,
        resource_type=kind,
    )


_KINDS = {"sku": "sku", "pc": "products_collection"}


def refused(redeemable: Redeemable, key: str) -> Refusal:
    """A refusal that only names the code or tier id."""
    return Refusal(key, _MESSAGES[key], redeemable.code or redeemable.ref)


def promotion_inactive(redeemable: Redeemable) -> Refusal:
    """The tier or its campaign is switched off or outside its dates."""
    details = f"Promotion Tier with id: {redeemable.id} is disabled."
    return Refusal("promotion_inactive", "Inactive Promotion", details)


def too_large() -> Refusal:
    """Added units make the order larger than any order can be."""
    return Refusal(
        "invalid_order",
        "Invalid order",
        "The amounts and quantities of the order are too large with the added units",
    )


def unsupported(what: str) -> Refusal:
    """The stored definition uses something this version cannot calculate."""
    return Refusal(
        "unsupported_redeemable",
        "Redeemable is not supported",
        f"{what} cannot be calculated by this version",
    )
