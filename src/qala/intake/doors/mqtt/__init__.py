"""The MQTT door: what sources publish to a broker is taken in, and acknowledged when it is on the disk. A process of its own."""
