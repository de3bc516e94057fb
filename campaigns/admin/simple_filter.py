"""The filters most automatic collections need, as plain fields."""

from promo.admin.simple_filter import SimpleFilter

ITEMS = SimpleFilter(
    (
        ("name_contains", "name", "$contains"),
        ("least_price", "price", "$more_than_equal"),
        ("most_price", "price", "$less_than_equal"),
    )
)
