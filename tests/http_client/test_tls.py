"""The connection goes to a checked address; the certificate is still asked of the host's name."""

import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.http_client import open_client
from app.settings import Settings
from tests.http_client.loopback import NOW, Site, get, names, refusal


def certificate(folder: Path, host: str) -> Path:
    """A key and a certificate that the host signed for itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server behind TLS that calls itself feeds.test, known as such to this machine."""
    path = certificate(tmp_path, "feeds.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with Site() as server:
        server.says("/feed", 200, b"in private")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_the_certificate_is_that_of_the_name_and_not_of_the_address(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, {"feeds.test": ["127.0.0.1"]})
    with open_client(Settings(allow_private_hosts=["feeds.test"])) as client:
        assert get(client, f"https://feeds.test:{port}/feed").content == b"in private"


def test_a_server_with_another_name_on_its_certificate_is_not_believed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, {"brand.test": ["127.0.0.1"]})
    with open_client(Settings(allow_private_hosts=["brand.test"])) as client:
        error = refusal(client, f"https://brand.test:{port}/feed")
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
