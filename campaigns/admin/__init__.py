from campaigns.admin import campaign

__all__ = ["campaign"]
