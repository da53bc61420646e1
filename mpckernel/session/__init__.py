"""Who takes part: identities, room files, tickets, the lobby, local parties."""
