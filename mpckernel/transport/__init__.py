"""Links between parties: in memory for tests, ZeroMQ with CURVE for rooms."""
