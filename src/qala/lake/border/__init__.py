"""The border of the lake: whatever comes in is read as text, typed, checked, and made anonymous before it is written."""
