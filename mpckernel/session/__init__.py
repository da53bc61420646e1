"""Who takes part: identities, room files, tickets, local parties."""
