"""The doctor: gathers facts from GitHub, the database and this machine, and has them judged."""
