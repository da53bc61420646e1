"""What a party holds: one file per scheme. Knows nothing of messages."""
