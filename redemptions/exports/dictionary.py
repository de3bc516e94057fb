"""What stands in each column of a file, in words.

``COMMON`` is by the name of a field, wherever it stands; ``OWN`` by the kind of rows
and the name, where it means something else there.
"""

from collections.abc import Mapping

_MINOR = "in cents or the smallest unit of the currency"
_UTC = "in UTC, such as 2026-03-10T12:00:00.000Z"
_WINDOW = "Where it only works for some hours at a time:"

COMMON: Mapping[str, str] = {
    "id": "The id that Promo gave it.",
    "source_id": "Your own id of it, as your shop or your import sent it.",
    "created_at": f"When it was created, {_UTC}.",
    "updated_at": f"When it was last changed, {_UTC}; empty if never.",
    "metadata": "Your own fields: a column each where the project defines them, "
    "else all of them in one column as JSON.",
    "campaign": "The name of the campaign; empty without one.",
    "campaign_id": "The id of the campaign; empty without one.",
    "customer_id": "The id of the customer; empty without one.",
    "customer_source_id": "Your own id of the customer.",
    "customer_name": "The name of the customer.",
    "voucher_code": "The code that was used or given.",
    "voucher_id": "The id of the code or card.",
    "date": f"When it happened, {_UTC}.",
    "attributes": "The names of attributes of a product, the values of an SKU.",
    "price": f"The price, {_MINOR}.",
    "image_url": "The address of the picture.",
    # Codes
    "code": "The code, as customers type it.",
    "voucher_type": "DISCOUNT_VOUCHER, GIFT_VOUCHER or LOYALTY_CARD.",
    "value": "What it is worth: percent, money in whole units such as 5.00, units "
    "of a product, or points.",
    "formula": "The formula of the discount, where a formula says it.",
    "discount_type": "PERCENT, AMOUNT, UNIT or FIXED; empty for cards.",
    "category": "The name of the category; empty without one.",
    "start_date": f"From when it can be used, {_UTC}; empty for at once.",
    "expiration_date": f"Until when it can be used, {_UTC}; empty for ever.",
    "gift_balance": f"What is left on a gift card, {_MINOR}.",
    "loyalty_balance": "The points on a loyalty card.",
    "redemption_quantity": "How often it can be used; empty without limit.",
    "redemption_count": "How often it has been used.",
    "active": "true if it is switched on, false if not.",
    "qr_code": "What the QR code says: the code.",
    "bar_code": "What the barcode says: the code.",
    "is_referral_code": "true for the code of somebody who refers others.",
    "validity_timeframe_interval": f"{_WINDOW} how far apart these begin, P1D for "
    "one day.",
    "validity_timeframe_duration": f"{_WINDOW} how long each lasts, PT1H for one hour.",
    "validity_day_of_week": "The days on which it works, 0 for Sunday; empty for all.",
    "discount_amount_limit": f"The most that it takes off, {_MINOR}.",
    "additional_info": "The note on the code.",
    "discount_effect": "What the discount is taken from: the order or its items.",
    "discount_unit_type": "Which product it adds, for discounts by units.",
    "discount_unit_effect": "How it adds the product, for discounts by units.",
    "validation_rules_id": "The id of the validation rule on the code itself.",
    # Redemptions and publications
    "object": "redemption, or rollback where a redemption was taken back.",
    "promotion_tier_id": "The id of the promotion tier, where there was no code.",
    "tracking_id": "What your shop called the visitor.",
    "order_id": "The id of the order.",
    "order_amount": f"The value of the order before discounts, {_MINOR}.",
    "gift_amount": f"What a gift card paid, {_MINOR}.",
    "loyalty_points": "The points that were spent.",
    "result": "SUCCESS or FAILURE.",
    "failure_code": "The short name of the reason why it was refused.",
    "failure_message": "The reason why it was refused, as the shop was told.",
    "channel": "What gave the code out: the API, a distribution, a person.",
    "is_winner": "Always empty: there are no draws.",
    # Customers
    "name": "The name.",
    "description": "The note about the customer.",
    "email": "The e-mail address.",
    "phone": "The telephone number.",
    "birthday": "The birthday as day, 2000-05-17.",
    "birthdate": "The date of birth as day, 1990-05-17.",
    "address_city": "The town.",
    "address_state": "The state or region.",
    "address_line_1": "The first line of the address.",
    "address_line_2": "The second line of the address.",
    "address_country": "The country.",
    "address_postal_code": "The postal code.",
    "redemptions_total_redeemed": "How often the customer used an offer, less what "
    "was taken back.",
    "redemptions_total_failed": "How often an offer was refused.",
    "redemptions_total_succeeded": "How often an offer was used.",
    "redemptions_total_rolled_back": "How often a use was taken back.",
    "redemptions_total_rollback_failed": "How often taking back was refused.",
    "redemptions_total_rollback_succeeded": "How often taking back succeeded.",
    "orders_total_amount": f"The value of all paid orders, {_MINOR}.",
    "orders_total_count": "How many orders were paid.",
    "orders_average_amount": f"The value of a paid order on average, {_MINOR}.",
    "orders_last_order_amount": f"The value of the last paid order, {_MINOR}.",
    "orders_last_order_date": f"When the last order was paid, {_UTC}.",
    "loyalty_referred_customers": "How many customers this one has brought.",
    # Orders
    "status": "CREATED, PAID, PROCESSING, CANCELED or FULFILLED.",
    "amount": f"The value before discounts, {_MINOR}.",
    "discount_amount": f"What is taken off the order as a whole, {_MINOR}.",
    "items_discount_amount": f"What is taken off single items, {_MINOR}.",
    "total_discount_amount": f"All that is taken off, {_MINOR}.",
    "total_amount": f"What is left to pay, {_MINOR}.",
    "referrer_id": "The id of the customer who brought this one.",
    # Points and cards
    "expires_at": f"When the points expire, {_UTC}.",
    "points": "How many points.",
    "type": "What moved the balance, such as POINTS_ACCRUAL or CREDITS_REDEMPTION.",
    "reason": "Why, where a person said so.",
    "source": "Who moved it by hand; empty where Promo did.",
    "balance": "What was left afterwards: points, or money " + _MINOR + ".",
    "related_transaction_id": "Always empty: nothing moves from card to card.",
    "details": "All that is known about the movement, as JSON.",
    # Products
    "sku": "The name of the variant.",
    "product_id": "The id of the product.",
    "currency": "The currency of the price, such as EUR.",
    # Calls
    "request_id": "The id of the call, as the answer had it.",
    "method": "GET, POST, PUT or DELETE.",
    "endpoint": "Which operation of the API was called.",
    "url": "The address that was called.",
    "user_email": "The e-mail address of the person who called.",
    "app_id": "The id of the server key.",
    "client_app_id": "The id of the client key.",
    "request_duration": "How long the answer took, in milliseconds.",
    "request_body": "What was sent; secrets are masked.",
    "response_body": "What was answered; secrets are masked.",
}
OWN: Mapping[tuple[str, str], str] = {
    ("customer", "loyalty_points"): "The points of the customer in all programmes.",
    ("voucher_transactions", "amount"): "What was added, or taken with a minus: "
    f"points, or money {_MINOR}.",
    ("voucher", "campaign"): "The name of the campaign; empty for single codes.",
    ("voucher", "customer_id"): "The id of the customer who holds it.",
    ("voucher", "customer_source_id"): "Your own id of the customer who holds it.",
    ("points_expiration", "status"): "How far the expiry is.",
    ("api_log", "status"): "The status of the answer, 200 for all is well.",
    ("api_log", "channel"): "What called: the API, a client, the dashboard.",
    ("api_log", "created_at"): f"When it was called, {_UTC}.",
}


def meaning_of(kind: str, name: str) -> str:
    """Return in words what stands in a column of a kind of rows.

    Raises:
        KeyError: nobody has said it yet.
    """
    return OWN.get((kind, name)) or COMMON[name]
