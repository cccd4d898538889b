"""Set-up in the browser: from an empty folder to a bot that works, in five steps."""
