"""Flask: webhook, health, metrics, pages."""
