"""A stand-in for model servers. The standard library only; raw bytes on the socket, so that it can break framing."""
