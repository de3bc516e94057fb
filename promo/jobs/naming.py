"""What people call the types of asynchronous actions."""

#: What the second part of an action's type is called; the first is whose it is.
_WORDS = {
    "BULK_UPDATE": "Bulk update of {}",
    "IMPORT": "Import of {}",
    "IMPORT_CSV": "Import of {} by a file",
    "IMPORT_UNDO": "Taking back of imported {}",
    "METADATA_KEY_PURGE": "Purge of a metadata key of {}",
    "METADATA_UPDATE": "Metadata of many {}",
    "CHANGE_OF_MANY": "Change of many {}",
    "PLACE_CUSTOMERS": "Placing of customers in a {}",
    "VOUCHERS_DELETE": "Deletion of the codes of a {}",
    "VOUCHERS_GENERATE": "Generation of codes of a {}",
    "VOUCHERS_IMPORT": "Import of codes of a {}",
    "VOUCHERS_IMPORT_CSV": "Import of codes of a {} by a file",
    "VOUCHERS_RESTORE": "Restoring of the codes of a {}",
    "VOUCHERS_UPDATE": "Update of the codes of a {}",
}


def kind_in_words(kind: str) -> str:
    """Return what people call a type of action."""
    whose, _, what = kind.partition(".")
    words = _WORDS.get(what, "{}: " + what.replace("_", " ").lower())
    named = words.format("SKUs" if whose == "SKUS" else whose.lower())
    return f"{named[:1].upper()}{named[1:]}"
