"""What a run found beside what is true: of a simulated scene, or by somebody's boxes."""
