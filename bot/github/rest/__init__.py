"""GitHub's REST API: what the bot asks, and how it reads the answers."""
