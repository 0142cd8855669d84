"""Clients who begin and do not go on, each again when it is cut off."""
import selectors
import socket
import threading
import time

EACH = 500
HEAD = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-api-key: KEY\r\n"
BEGUN = {
    "half a head": b"GET /livez HTTP/1.1\r\nhost",
    "half a body": HEAD + b"content-length: 500\r\n\r\n{",
    # The largest page, of which nothing is read.
    "slow reader": b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n",
}


class Slow(threading.Thread):
    """EACH of these kinds."""

    def __init__(self, url, key, kinds=tuple(BEGUN)):
        super().__init__(daemon=True)
        # Without its key half a body would be refused at once, by its head.
        self.begun = {kind: BEGUN[kind].replace(b"KEY", key.encode()) for kind in kinds}
        self.address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        self.waiting, self.end = selectors.DefaultSelector(), threading.Event()
        self.cut_off = dict.fromkeys(kinds, 0)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.join()

    def begin(self, kind):
        client = socket.socket()
        # Little room, so that what is not taken stays with the service.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(self.address)
        client.sendall(self.begun[kind])
        if kind == "slow reader":
            return client, time.monotonic()
        self.waiting.register(client, selectors.EVENT_READ, kind)
        return None

    def run(self):
        begun = [self.begin(kind) for kind in self.begun for _ in range(EACH)]
        readers = [reader for reader in begun if reader]
        while not self.end.is_set():
            for key, _ in self.waiting.select(0.1):
                if not self.is_over(key.fileobj):
                    continue
                self.waiting.unregister(key.fileobj)
                key.fileobj.close()
                self.cut_off[key.data] += 1
                self.begin(key.data)
            readers = [self.still(reader) for reader in readers]
        for client in [key.fileobj for key in self.waiting.get_map().values()] + [reader[0] for reader in readers]:
            client.close()

    @staticmethod
    def is_over(client):
        """A 408 is read to its end."""
        try:
            return client.recv(4096) == b""
        except OSError:
            return True

    def still(self, reader):
        """The same one, or the next where it was cut off: a write of nobody's then fails."""
        client, since = reader
        if time.monotonic() - since < 1:
            return reader
        try:
            client.send(b"G")
            return client, time.monotonic()
        except OSError:
            client.close()
            self.cut_off["slow reader"] += 1
            return self.begin("slow reader")
