"""A collector for bench/telemetry.sh: prints its port, then takes everything (`healthy`), answers 503
(`refusing`) or takes requests and never answers (`hanging`). Ends with its standard input."""

import http.server
import sys
import threading


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if MANNER == "hanging":
            threading.Event().wait()
        self.send_response(503 if MANNER == "refusing" else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


MANNER = sys.argv[1]
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
