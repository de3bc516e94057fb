from customers.admin import consent, customer, event_schema, location, segment

__all__ = ["consent", "customer", "event_schema", "location", "segment"]
