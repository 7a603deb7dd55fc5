"""The drone's telemetry, how the camera stood in every frame, and where animals are on the ground by it."""
