"""Observers beside one another: files and runs read, joined by video, animal and time, and how far they agree."""
