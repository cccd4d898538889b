"""Which organizations we serve, their admin repositories and members."""
