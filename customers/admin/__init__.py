from customers.admin import customer, location, segment

__all__ = ["customer", "location", "segment"]
