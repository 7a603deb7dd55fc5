"""Tracks: what a tracker's identities become once the whole video is known, and how good they are against a truth."""
