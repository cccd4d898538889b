"""The githubkit adapter: client, payloads (JSON to event), effects on GitHub, budgets."""
