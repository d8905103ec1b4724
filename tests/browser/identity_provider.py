"""An OpenID Connect provider on this machine that signs everybody in as Ann, for the test of signing in."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = "cnn-playground"


class Provider(BaseHTTPRequestHandler):
    """The four addresses that a client needs, and a key made for this test."""

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        url, base = urlsplit(self.path), f"http://127.0.0.1:{self.server.server_port}"
        if url.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            self.server.nonce = asked.get("nonce", "")
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': 'c', 'state': asked['state']})}")
            self.end_headers()
        elif url.path == "/keys":
            self._send({"keys": [self.server.key.as_dict(private=False)]})
        else:
            self._send(
                {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                    "jwks_uri": f"{base}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )

    def do_POST(self) -> None:
        from joserfc import jwt

        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        base, now = f"http://127.0.0.1:{self.server.server_port}", int(time.time())
        claims = {"iss": base, "sub": "17", "aud": CLIENT, "iat": now, "exp": now + 600, "name": "Ann"}
        claims["nonce"] = self.server.nonce
        header = {"alg": "RS256", "kid": self.server.key.kid}
        token = jwt.encode(header, claims, self.server.key)
        self._send({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _send(self, values: dict[str, object]) -> None:
        body = json.dumps(values).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def providing() -> Iterator[str]:
    """The provider's address, served while the block runs."""
    from joserfc.jwk import RSAKey

    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}, private=True)
    server.nonce = ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
