"""The search itself: its settings, its folder, and the run. Drawings and sinks are in their own modules."""
