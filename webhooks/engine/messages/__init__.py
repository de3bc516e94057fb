"""What a distribution says: placeholders, payloads, e-mails and text messages."""
