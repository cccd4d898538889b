"""Notifications: what happens here, told to a program of yours."""
