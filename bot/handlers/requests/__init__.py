"""What becomes of a token request: reported, decided, ended, revoked."""
