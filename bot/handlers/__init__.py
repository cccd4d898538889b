"""What we do about it, one file per event family; the HANDLERS table is in table.py."""
