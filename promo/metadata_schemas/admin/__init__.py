from promo.metadata_schemas.admin.schema import MetadataSchemaAdmin

__all__ = ["MetadataSchemaAdmin"]
