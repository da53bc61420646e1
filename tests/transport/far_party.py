"""A party in a process of its own: greets party 0 and then echoes, until it is killed."""

import json
import os
import sys

from mpckernel.transport.base import Message
from mpckernel.transport.zmq import ZmqTransport


def main():
    options = json.load(sys.stdin)
    transport = ZmqTransport(1, options["keys"], options["secret"])
    print(json.dumps(transport.endpoint), flush=True)
    transport.dial([options["endpoint"], transport.endpoint])
    transport.send(0, [b"here"])
    parent = os.getppid()
    while os.getppid() == parent:
        event = transport.receive(1.0)
        if isinstance(event, Message):
            transport.send(0, event.parts)


if __name__ == "__main__":
    main()
