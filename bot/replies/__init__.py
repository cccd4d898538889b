"""Every sentence the bot says, templates of issue bodies, escaping of foreign text; pure."""
