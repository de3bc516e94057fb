from customers.admin import consent, customer, location, segment

__all__ = ["consent", "customer", "location", "segment"]
