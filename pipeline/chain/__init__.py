"""The chain: the stages of a video, of all videos, what is done again and what is not, and what the run remembers."""
