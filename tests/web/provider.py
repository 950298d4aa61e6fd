"""An OpenID Connect provider for tests: Authlib's server parts on loopback, with one client and whoever signs in."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode, UserInfo
from flask import Flask, Response, jsonify
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "grader-tests", "a secret of the client's"


class Client(ClientMixin):
    """Us, as the provider knows us."""

    client_id = CLIENT_ID

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    claims: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Provider:
    """What the provider does, for tests to change, and what it saw.

    `claims` are of who is signed in there. `replaced` overwrites claims of the next tokens, `key` signs them.
    """

    redirect_uri: str
    claims: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    issuer: str = ""
    says_issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    published: RSAKey | None = None
    codes: dict[str, Code] = field(default_factory=dict)
    authorizations: list[dict[str, str]] = field(default_factory=list)
    exchanges: list[dict[str, str]] = field(default_factory=list)

    def start(self) -> None:
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = self.says_issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.published = self.key
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _app(self) -> Flask:
        app = Flask("provider")
        client = Client(self.redirect_uri)
        server = AuthorizationServer(app, lambda client_id: client if client_id == CLIENT_ID else None, lambda *_: None)
        server.register_grant(_grant(self), [CodeChallenge(required=True), _OpenID(self)])

        @app.get("/.well-known/openid-configuration")
        def about() -> Response:
            return jsonify(
                issuer=self.says_issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                jwks_uri=f"{self.issuer}/keys",
                response_types_supported=["code"],
                subject_types_supported=["public"],
                id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
                code_challenge_methods_supported=["S256"],
            )

        @app.get("/keys")
        def keys() -> Response:
            assert self.published is not None
            return jsonify(keys=[self.published.as_dict(private=False)])

        @app.get("/authorize")
        def authorize() -> Any:
            from flask import request

            self.authorizations.append(request.args.to_dict())
            grant = server.get_consent_grant(end_user=dict(self.claims))
            return server.create_authorization_response(grant_user=dict(self.claims), grant=grant)

        @app.post("/token")
        def token() -> Any:
            from flask import request

            self.exchanges.append(request.form.to_dict())
            return server.create_token_response()

        return app


def _grant(provider: Provider) -> type[grants.AuthorizationCodeGrant]:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        def save_authorization_code(self, code: str, request: Any) -> None:
            sent = request.payload.data
            provider.codes[code] = Code(
                code,
                request.payload.redirect_uri,
                request.payload.scope,
                sent.get("nonce"),
                sent["code_challenge"],
                sent["code_challenge_method"],
                request.user,
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return authorization_code.claims

    return Grant


class _OpenID(OpenIDCode):  # type: ignore[misc]
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        if self.provider.algorithm != "none":
            return str(super().encode_id_token(token, request))
        claims = self.get_compatible_claims(request) | self.get_authorization_code_claims(request.authorization_code)
        claims |= self.generate_user_info(request.user, token["scope"])
        parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "first"}, claims)]
        return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Client) -> Any:
        if self.provider.algorithm == "HS256":
            from joserfc.jwk import OctKey

            return OctKey.import_key(CLIENT_SECRET)
        return self.provider.key

    def get_client_algorithm(self, client: Client) -> str:
        return self.provider.algorithm

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": self.provider.algorithm, "kid": str(self.provider.key.kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": [CLIENT_ID]}

    def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
        return UserInfo(user | self.provider.replaced)
